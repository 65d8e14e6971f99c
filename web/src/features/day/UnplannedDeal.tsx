import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { readable } from '~/features/cards/phones'
import { type Listed, useStages } from '~/features/deals/queries'
import { useMay } from '~/features/sessions/session'
import { usePlan } from '~/features/tasks'
import { nextMorning } from '~/features/tasks/dueness'
import { tellDone } from '~/ui/feedback/tell'
import { dayAndTime, money } from '~/ui/formats'
import classes from './Day.module.css'

/** A deal nobody thinks of; one press plans a follow-up for the next working morning. */
export function UnplannedDeal({ deal }: { deal: Listed }) {
  const { t } = useTranslation()
  const plan = usePlan()
  const mayPlan = useMay('task:create')
  const title = readable(deal.title)
  const stage = useStages().get(deal.stage_id)?.name

  function followUp() {
    const due = nextMorning(new Date())
    plan.mutate(
      {
        title: t('day.followUpTitle', { deal: title }),
        due_at: due.toISOString(),
        deal_id: deal.id,
        person_id: deal.person_id,
      },
      { onSuccess: () => tellDone(t('day.planned', { at: dayAndTime(due) })) },
    )
  }

  return (
    <li className={classes.deal}>
      <div className={classes.what}>
        <p className={classes.name}>
          {deal.person_id ? (
            <Link to="/people/$id" params={{ id: deal.person_id }}>
              {title}
            </Link>
          ) : (
            title
          )}
        </p>
        <p className={classes.small}>
          <span>{stage}</span>
          {Number(deal.amount) > 0 && <span className="num">{money(deal.amount, deal.currency)}</span>}
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
