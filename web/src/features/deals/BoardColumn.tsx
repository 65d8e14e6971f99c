import { UnstyledButton } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { lazy, Suspense, useContext, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '~/features/sessions/session'
import { money } from '~/ui/formats'
import classes from './Board.module.css'
import { BoardCard } from './BoardCard'
import type { Column } from './board'
import { useMore } from './boardQueries'
import { DraggingContext } from './dragging'

const QuickAdd = lazy(() => import('./QuickAdd').then((part) => ({ default: part.QuickAdd })))

/** One stage: how many deals, what they are worth, the deals. */
export function BoardColumn({ column, pipeline }: { column: Column; pipeline: string | undefined }) {
  const { t } = useTranslation()
  const [adding, setAdding] = useState(false)
  const mayAdd = useMay('deal:create') && column.kind === 'open'
  const more = useMore(pipeline)
  const dragging = useContext(DraggingContext)
  const foot = useRef<HTMLDivElement>(null)
  const { next_cursor: cursor } = column
  const idle = more.isIdle || more.isSuccess
  const { mutate } = more

  // biome-ignore lint/correctness/useExhaustiveDependencies: the cursor is what makes it another question
  useEffect(() => {
    const seen = foot.current
    if (!seen || !cursor || !idle) return
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && mutate(column), {
      rootMargin: '300px',
    })
    watch.observe(seen)
    return () => watch.disconnect()
  }, [cursor, idle, dragging])

  const cards = column.cards.map((card, index) => (
    <BoardCard key={card.id} card={card} index={index} closed={column.kind !== 'open'} />
  ))
  const empty = !column.cards.length && (
    <p className={classes.empty}>{column.kind === 'open' ? t('board.emptyStage') : t('board.emptyClosed')}</p>
  )
  // Stays in its place while a card is dragged over it: it is what is watched.
  const end = (
    <div ref={foot}>
      {more.isError && (
        <button type="button" className={classes.again} onClick={() => mutate(column)}>
          {t('board.again')}
        </button>
      )}
    </div>
  )

  return (
    <section className={classes.column} data-kind={column.kind} aria-label={column.name}>
      <div className={classes.head}>
        <h2 className={classes.stage}>
          {column.name} <span className={`${classes.count} num`}>{column.count}</span>
        </h2>
        {mayAdd && (
          <UnstyledButton
            className={classes.add}
            aria-label={t('board.add', { stage: column.name })}
            onClick={() => setAdding(true)}
          >
            <IconPlus size={16} stroke={1.8} />
          </UnstyledButton>
        )}
        <p className={`${classes.sum} num`}>
          {column.sums.map((sum) => money(sum.amount, sum.currency)).join(' · ') || t('board.noSum')}
        </p>
      </div>
      {adding && (
        <Suspense>
          <QuickAdd column={column} pipeline={pipeline} onClose={() => setAdding(false)} />
        </Suspense>
      )}
      {dragging ? (
        <dragging.Droppable droppableId={column.stage_id}>
          {(drop, { isDraggingOver }) => (
            <div
              ref={drop.innerRef}
              {...drop.droppableProps}
              className={classes.cards}
              data-over={isDraggingOver || undefined}
            >
              {cards}
              {drop.placeholder}
              {!isDraggingOver && empty}
              {end}
            </div>
          )}
        </dragging.Droppable>
      ) : (
        <div className={classes.cards}>
          {cards}
          {empty}
          {end}
        </div>
      )}
    </section>
  )
}
