import { UnstyledButton } from '@mantine/core'
import { IconArrowRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { memo, useContext } from 'react'
import { useTranslation } from 'react-i18next'
import { readable } from '~/features/cards/phones'
import { Due } from '~/features/tasks/Due'
import { useColleagues } from '~/features/users'
import { Face } from '~/ui/Face'
import { money, nearDay } from '~/ui/formats'
import classes from './Board.module.css'
import type { Card } from './board'
import { AskingContext, DraggingContext } from './dragging'

/** One deal on the board; it can be moved as soon as moving is here. */
export const BoardCard = memo(function BoardCard({
  card,
  index,
  closed,
}: {
  card: Card
  index: number
  closed: boolean
}) {
  const dragging = useContext(DraggingContext)
  if (!dragging) {
    return (
      <article className={classes.card} aria-label={card.title}>
        <CardFace card={card} closed={closed} />
      </article>
    )
  }
  return (
    <dragging.Draggable draggableId={card.id} index={index}>
      {(drag, { isDragging }) => (
        <div
          ref={drag.innerRef}
          {...drag.draggableProps}
          {...drag.dragHandleProps}
          // Not the button that a handle would be: there is a link inside it.
          role="group"
          className={classes.card}
          data-dragging={isDragging || undefined}
          aria-label={card.title}
        >
          <CardFace card={card} closed={closed} />
        </div>
      )}
    </dragging.Draggable>
  )
})

/** Whose the deal is, how much, what comes next. Not drawn anew when the card only moves. */
const CardFace = memo(function CardFace({ card, closed }: { card: Card; closed: boolean }) {
  const { t } = useTranslation()
  const owner = useColleagues().get(card.owner_id)?.name
  const ask = useContext(AskingContext)
  return (
    <>
      <p className={classes.title}>
        {card.person_id ? (
          <Link to="/people/$id" params={{ id: card.person_id }} draggable={false}>
            {readable(card.title)}
          </Link>
        ) : (
          card.title
        )}
      </p>
      {card.person_name && card.person_name !== card.title && (
        <p className={classes.person}>{readable(card.person_name)}</p>
      )}
      <div className={classes.foot}>
        <span className={`${classes.amount} num`}>{Number(card.amount) > 0 && money(card.amount, card.currency)}</span>
        <span className={classes.next}>
          {card.next_task_due_at ? (
            <Due at={card.next_task_due_at} short />
          ) : closed ? (
            nearDay(card.stage_entered_at)
          ) : (
            <span className={classes.unplanned}>{t('board.unplanned')}</span>
          )}
        </span>
        {owner && <Face name={owner} size="sm" />}
      </div>
      {ask && (
        <UnstyledButton className={classes.move} aria-label={t('board.move')} onClick={() => ask(card)}>
          <IconArrowRight size={14} stroke={1.8} />
        </UnstyledButton>
      )}
    </>
  )
})
