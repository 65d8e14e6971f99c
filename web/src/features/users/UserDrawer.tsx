import { Button, Drawer } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ifMatch } from '~/api/http'
import { LANGUAGES, type Language } from '~/app/language'
import { useSession } from '~/features/sessions/session'
import { useTeams } from '~/features/teams'
import { tellDone, tellTrouble } from '~/ui/feedback/tell'
import { dayAndTime } from '~/ui/formats'
import { useCarefulChange } from '~/ui/versions/useCarefulChange'
import { Versions } from '~/ui/versions/Versions'
import { LeaveUser } from './LeaveUser'
import { OneTimePassword } from './OneTimePassword'
import { changeUser, makeOneTimePassword, newestUser, type User } from './queries'
import { type UserDraft, UserFields } from './UserFields'
import classes from './Users.module.css'

const draftOf = ({ name, email, role, team_id, locale }: User): UserDraft => ({
  name,
  email: email ?? '',
  role,
  team_id,
  locale,
})

/** A colleague as an administrator sees them: who they are, how they sign in, and their leaving. */
export function UserDrawer({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const teams = useTeams()
  const [leaving, setLeaving] = useState(false)
  const renew = () => queries.invalidateQueries({ queryKey: ['users'] })
  const careful = useCarefulChange<User, UserDraft>({
    thing: user,
    draftOf,
    change: changeUser,
    newest: () => newestUser(user.id),
    onDone: () => {
      renew()
      tellDone(t('form.saved'))
    },
  })
  const back = useMutation({
    mutationFn: async () => changeUser(await newestUser(user.id), { active: true }),
    onSuccess: renew,
    onError: tellTrouble,
  })
  const say = (draft: UserDraft, field: keyof UserDraft) => {
    if (field === 'team_id') return (draft.team_id && teams.get(draft.team_id)?.name) || t('users.noTeam')
    if (field === 'role') return t(`role.${draft.role as 'admin'}`, { defaultValue: draft.role })
    if (field === 'locale') return LANGUAGES[draft.locale as Language] ?? draft.locale
    return draft[field]
  }
  const fields = { name: 'name', email: 'email', role: 'role', team_id: 'team', locale: 'locale' } as const

  return (
    <Drawer opened onClose={onClose} position="right" size={460} title={user.name}>
      {careful.clash ? (
        <Versions
          clash={careful.clash}
          nameOf={(field) => t(`users.${fields[field]}`)}
          say={say}
          busy={careful.busy}
          onMine={careful.keepMine}
          onTheirs={careful.takeTheirs}
        />
      ) : (
        <UserFields
          key={careful.base.version}
          begin={draftOf(careful.base)}
          error={careful.error}
          busy={careful.busy}
          submit={t('form.save')}
          onSubmit={careful.save}
        />
      )}
      {user.active ? (
        <>
          <SignIn user={user} />
          <section className={classes.part}>
            <h3>{t('users.leaving')}</h3>
            <p>{t('users.leavingText')}</p>
            <Button variant="default" onClick={() => setLeaving(true)}>
              {t('users.leave')}
            </Button>
            {leaving && <LeaveUser user={user} onClose={() => setLeaving(false)} />}
          </section>
        </>
      ) : (
        <section className={classes.part}>
          <h3>{t('users.gone')}</h3>
          <p>{t('users.goneText')}</p>
          <Button variant="default" loading={back.isPending} onClick={() => back.mutate()}>
            {t('users.bringBack')}
          </Button>
        </section>
      )}
      {user.last_signed_in_at === null && <Remove user={user} onDone={onClose} />}
    </Drawer>
  )
}

/** How they sign in; a new one-time password ends their sessions, which is said before. */
function SignIn({ user }: { user: User }) {
  const { t } = useTranslation()
  const me = useSession().user.id
  const [asked, setAsked] = useState(false)
  const making = useMutation({ mutationFn: () => makeOneTimePassword(user.id), onError: tellTrouble })
  const seen = user.last_signed_in_at
  function close() {
    making.reset()
    setAsked(false)
  }
  return (
    <section className={classes.part}>
      <h3>{t('users.signIn')}</h3>
      <p>{seen ? t('users.lastSignIn', { at: dayAndTime(seen) }) : t('users.neverSignedIn')}</p>
      {making.data ? (
        <OneTimePassword email={user.email ?? ''} password={making.data} onClose={close} />
      ) : asked ? (
        <>
          <p>{t('users.newPasswordText')}</p>
          <div className={classes.row}>
            <Button variant="subtle" color="gray" onClick={close}>
              {t('common.cancel')}
            </Button>
            <Button loading={making.isPending} onClick={() => making.mutate()}>
              {t('users.newPasswordYes')}
            </Button>
          </div>
        </>
      ) : (
        user.id !== me && (
          <Button variant="default" onClick={() => setAsked(true)}>
            {t('users.newPassword')}
          </Button>
        )
      )}
    </section>
  )
}

/** Who was entered by mistake and never signed in can be taken out again. */
function Remove({ user, onDone }: { user: User; onDone: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const removing = useMutation({
    mutationFn: () =>
      api.DELETE('/api/v1/users/{user_id}', {
        params: { path: { user_id: user.id }, header: ifMatch(user.version) },
      }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['users'] })
      tellDone(t('users.removed', { name: user.name }))
      onDone()
    },
    onError: tellTrouble,
  })
  return (
    <section className={classes.part}>
      <h3>{t('users.mistake')}</h3>
      <p>{t('users.mistakeText')}</p>
      <Button variant="default" loading={removing.isPending} onClick={() => removing.mutate()}>
        {t('users.remove')}
      </Button>
    </section>
  )
}
