import { Button } from '@mantine/core'
import { IconArrowForwardUp, IconCalendarPlus, IconCheck, IconPhoneIncoming } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { DialButton } from '~/features/calls'
import { readable } from '~/features/cards/phones'
import { useMay } from '~/features/sessions/session'
import { Due, type Task, useComplete } from '~/features/tasks'
import { money } from '~/ui/formats'
import classes from './NextStepPanel.module.css'
import { nextStep } from './nextStep'
import { PlanForm } from './PlanForm'
import type { Work } from './queries'

const ICON = { size: 20, stroke: 1.7 } as const

/** What to do next for this customer, before everything else. */
export function NextStepPanel({ work }: { work: Work }) {
  const { t } = useTranslation()
  const step = nextStep(work.tasks, work.deals, new Date())
  switch (step.kind) {
    case 'callback':
      return (
        <div className={classes.panel} data-pressing={step.when}>
          <IconPhoneIncoming {...ICON} />
          <div>
            <p className={classes.label}>{t('card.next')}</p>
            <p className={classes.step}>{t('card.callBack', { phone: readable(step.task.phone ?? '') })}</p>
            <p className={classes.small}>
              <Due at={step.task.due_at} />
              {step.task.misses > 1 && <span>{t('tasks.misses', { count: step.task.misses })}</span>}
            </p>
          </div>
          <div className={classes.act}>
            {step.task.person_id && step.task.phone && (
              <DialButton personId={step.task.person_id} phone={step.task.phone} wide />
            )}
            <Complete task={step.task} />
          </div>
        </div>
      )
    case 'task':
      return (
        <div className={classes.panel} data-pressing={step.when}>
          <IconArrowForwardUp {...ICON} />
          <div>
            <p className={classes.label}>{t('card.next')}</p>
            <p className={classes.step}>{step.task.title}</p>
            <p className={classes.small}>
              <Due at={step.task.due_at} />
              {step.task.note && <span>{step.task.note}</span>}
            </p>
          </div>
          <div className={classes.act}>
            <Complete task={step.task} />
          </div>
        </div>
      )
    case 'plan':
      return (
        <div className={classes.panel} data-pressing="today">
          <IconCalendarPlus {...ICON} />
          <div>
            <p className={classes.label}>{t('card.next')}</p>
            <p className={classes.step}>{t('card.plan', { deal: step.deal.title })}</p>
            <p className={classes.small}>
              {t('card.planText', { amount: money(step.deal.amount, step.deal.currency) })}
            </p>
          </div>
          <PlanForm deal={step.deal} />
        </div>
      )
    case 'nothing':
      return (
        <div className={classes.panel}>
          <IconCheck {...ICON} />
          <div>
            <p className={classes.label}>{t('card.next')}</p>
            <p className={classes.step}>{t('card.nothing')}</p>
            <p className={classes.small}>{t('card.nothingText')}</p>
          </div>
        </div>
      )
  }
}

function Complete({ task }: { task: Task }) {
  const { t } = useTranslation()
  const complete = useComplete()
  if (!useMay('task:update')) return null
  return (
    <Button variant="default" leftSection={<IconCheck size={16} stroke={1.8} />} onClick={() => complete.mutate(task)}>
      {t('tasks.done')}
    </Button>
  )
}
