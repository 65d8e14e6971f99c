import { Button, PasswordInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useRouter } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tellDone } from '~/ui/feedback/tell'
import { Door } from './Door'
import classes from './Door.module.css'
import { Refused } from './Refused'
import { choosePassword, type Session, sessionQuery } from './session'

const route = getRouteApi('/own-password')
const SHORTEST = 10

/** An own password instead of the one-time one an administrator handed out, or of the one before. */
export function OwnPasswordPage() {
  const { t } = useTranslation()
  const { next } = route.useSearch()
  const router = useRouter()
  const queries = useQueryClient()
  const [current, setCurrent] = useState('')
  const [chosen, setChosen] = useState('')
  const first = queries.getQueryData<Session>(sessionQuery.queryKey)?.password_change_required ?? false
  const changing = useMutation({
    mutationFn: () => choosePassword(current, chosen),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey, refetchType: 'none' })
      await queries.fetchQuery({ ...sessionQuery, staleTime: 0 })
      tellDone(t('password.done'))
      router.history.push(next ?? '/')
    },
  })

  function change(event: FormEvent) {
    event.preventDefault()
    changing.mutate()
  }

  const tooShort = chosen.length > 0 && chosen.length < SHORTEST
  return (
    <Door title={t('password.title')} text={first ? t('password.first') : t('password.text')}>
      <form className={classes.form} onSubmit={change}>
        <PasswordInput
          size="md"
          autoComplete="current-password"
          autoFocus
          required
          withAsterisk={false}
          label={first ? t('password.oneTime') : t('password.current')}
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          size="md"
          autoComplete="new-password"
          required
          minLength={SHORTEST}
          withAsterisk={false}
          label={t('password.chosen')}
          description={t('password.rule', { count: SHORTEST })}
          error={tooShort}
          value={chosen}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
        <Refused error={changing.error} />
        <Button type="submit" size="md" loading={changing.isPending} disabled={chosen.length < SHORTEST}>
          {t('password.change')}
        </Button>
        {!first && (
          <Button component={Link} to="/" variant="subtle" color="gray">
            {t('common.cancel')}
          </Button>
        )}
      </form>
    </Door>
  )
}
