import { Button, Loader, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Door } from '~/features/sessions/Door'
import classes from '~/features/sessions/Door.module.css'
import { Refused } from '~/features/sessions/Refused'
import { forgetSignedIn, sessionQuery } from '~/features/sessions/session'
import { demoQuery, leaveDemo, leftQuery } from './demo'
import { isTyped } from './typed'

/** The end of the demo: confirmed by a word, waited for, and then the company is empty and one's own. */
export function LeaveDemoPage() {
  const { t } = useTranslation()
  const { data: session } = useQuery(sessionQuery)
  const { data: demo } = useQuery(demoQuery)
  const [typed, setTyped] = useState('')
  const leaving = useMutation({ mutationFn: leaveDemo })
  const { data: left = false } = useQuery({ ...leftQuery, enabled: leaving.isSuccess })
  useEffect(() => {
    if (left) forgetSignedIn()
  }, [left])

  function leave(event: FormEvent) {
    event.preventDefault()
    leaving.mutate()
  }

  if (left)
    return (
      <Door title={t('demo.left')} text={t('demo.leftText', { email: session?.user.email, password: demo?.password })}>
        <div className={classes.form}>
          <Button component="a" href="/sign-in" size="md">
            {t('door.enter')}
          </Button>
        </div>
      </Door>
    )
  if (leaving.isSuccess)
    return (
      <Door title={t('demo.leaving')} text={t('demo.leavingText')}>
        <div role="status" aria-label={t('demo.leaving')}>
          <Loader type="dots" />
        </div>
      </Door>
    )
  const word = t('demo.word')
  return (
    <Door title={t('demo.leave')} text={t('demo.leaveText')}>
      <form className={classes.form} onSubmit={leave}>
        <TextInput
          size="md"
          autoComplete="off"
          autoFocus
          required
          withAsterisk={false}
          label={t('demo.type', { word })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Refused error={leaving.error} />
        <Button type="submit" size="md" color="red" loading={leaving.isPending} disabled={!isTyped(typed, word)}>
          {t('demo.leave')}
        </Button>
        <Button component={Link} to="/" variant="subtle" color="gray">
          {t('common.cancel')}
        </Button>
      </form>
    </Door>
  )
}
