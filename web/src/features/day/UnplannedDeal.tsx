import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { readable } from '~/features/cards/phones'
import { useMay } from '~/features/sessions/session'
import { usePlan } from '~/features/tasks'
import { nextMorning } from '~/features/tasks/dueness'
import { tellDone } from '~/ui/feedback/tell'
import { dayAndTime, money } from '~/ui/formats'
import classes from './Day.module.css'
import type { Unplanned } from './unplanned'

/** A deal nobody thinks of; one press plans a follow-up for the next working morning. */
export function UnplannedDeal({ card, stage }: Unplanned) {
  const { t } = useTranslation()
  const plan = usePlan()
  const mayPlan = useMay('task:create')
  const title = readable(card.title)

  function followUp() {
    const due = nextMorning(new Date())
    plan.mutate(
      {
        title: t('day.followUpTitle', { deal: title }),
        due_at: due.toISOString(),
        deal_id: card.id,
        person_id: card.person_id,
      },
      { onSuccess: () => tellDone(t('day.planned', { at: dayAndTime(due) })) },
    )
  }

  return (
    <li className={classes.deal}>
      <div className={classes.what}>
        <p className={classes.name}>
          {card.person_id ? (
            <Link to="/people/$id" params={{ id: card.person_id }}>
              {title}
            </Link>
          ) : (
            title
          )}
        </p>
        <p className={classes.small}>
          <span>{stage}</span>
          {Number(card.amount) > 0 && <span className="num">{money(card.amount, card.currency)}</span>}
        </p>
      </div>
      {mayPlan && (
        <Button size="compact-sm" variant="default" loading={plan.isPending} onClick={followUp}>
          {t('day.followUp')}
        </Button>
      )}
    </li>
  )
}
