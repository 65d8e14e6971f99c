import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '~/api/http'
import { useMay } from '~/features/sessions/session'
import { usePlan } from '~/features/tasks'
import { inputOf, nextMorning } from '~/features/tasks/dueness'
import classes from './NextStepPanel.module.css'

/** What to do next for a deal and when; the next working morning unless one says otherwise. */
export function PlanForm({ deal }: { deal: Schemas['DealOut'] }) {
  const { t } = useTranslation()
  const plan = usePlan()
  const [title, setTitle] = useState('')
  const [due, setDue] = useState(() => inputOf(nextMorning(new Date())))
  if (!useMay('task:create')) return null

  function make(event: FormEvent) {
    event.preventDefault()
    plan.mutate({
      title: title.trim(),
      due_at: new Date(due).toISOString(),
      deal_id: deal.id,
      person_id: deal.person_id,
    })
  }

  return (
    <form className={classes.plan} onSubmit={make}>
      <TextInput
        className={classes.grow}
        required
        maxLength={200}
        aria-label={t('card.planWhat')}
        placeholder={t('card.planWhat')}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        required
        aria-label={t('card.planWhen')}
        value={due}
        onChange={(event) => setDue(event.currentTarget.value)}
      />
      <Button type="submit" loading={plan.isPending} disabled={!title.trim() || !due}>
        {t('card.planIt')}
      </Button>
    </form>
  )
}
