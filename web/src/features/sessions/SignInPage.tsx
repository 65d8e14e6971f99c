import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LANGUAGES, type Language, speak } from '~/app/language'
import type { Visitor } from '~/features/demo/demo'
import { Visitors } from '~/features/demo/Visitors'
import { Door } from './Door'
import classes from './Door.module.css'
import { Refused } from './Refused'
import { sessionQuery, signIn } from './session'

const route = getRouteApi('/sign-in')

/** Signing in by e-mail and password; afterwards one is where one wanted to go. */
export function SignInPage() {
  const { t, i18n } = useTranslation()
  const { next } = route.useSearch()
  const router = useRouter()
  const queries = useQueryClient()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const entering = useMutation({
    mutationFn: (who: { email: string; password: string }) => signIn(who.email, who.password),
    onSuccess: (session) => {
      queries.clear()
      queries.setQueryData(sessionQuery.queryKey, session)
      router.history.push(session.password_change_required ? '/own-password' : (next ?? '/'))
    },
  })

  function enter(event: FormEvent) {
    event.preventDefault()
    entering.mutate({ email, password })
  }

  function be(visitor: Visitor, theirs: string) {
    setEmail(visitor.email)
    setPassword(theirs)
    // Who looks around goes on reading what they read here.
    speak(i18n.language as Language, { keep: true })
    entering.mutate({ email: visitor.email, password: theirs })
  }

  return (
    <Door
      title={t('door.title')}
      text={t('door.text')}
      foot={Object.entries(LANGUAGES).map(([key, name]) => (
        <button
          key={key}
          type="button"
          lang={key}
          className={classes.language}
          aria-pressed={i18n.language === key}
          onClick={() => speak(key as Language, { keep: true })}
        >
          {name}
        </button>
      ))}
    >
      <form className={classes.form} onSubmit={enter}>
        <TextInput
          size="md"
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          required
          withAsterisk={false}
          label={t('door.email')}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          size="md"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          label={t('door.password')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('door.showPassword') }}
        />
        <Refused error={entering.error} />
        <Button type="submit" size="md" loading={entering.isPending}>
          {t('door.enter')}
        </Button>
      </form>
      <Visitors onPick={be} busy={entering.isPending} />
    </Door>
  )
}
