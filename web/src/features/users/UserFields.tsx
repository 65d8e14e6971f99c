import { Button, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '~/api/problem'
import { LANGUAGES } from '~/app/language'
import settings from '~/features/settings/Settings.module.css'
import { teamsQuery } from '~/features/teams'
import { Refusal } from '~/ui/feedback/Refusal'
import { rolesQuery } from './queries'
import { RoleGuide } from './RoleGuide'

export interface UserDraft {
  name: string
  email: string
  role: string
  team_id: string | null
  locale: string
}

interface Props {
  begin: UserDraft
  error: unknown
  busy: boolean
  submit: string
  onSubmit: (draft: UserDraft) => void
  onCancel?: () => void
}

/** Who somebody is, what they may do, where they belong and how they are written to. */
export function UserFields({ begin, error, busy, submit, onSubmit, onCancel }: Props) {
  const { t } = useTranslation()
  const roles = useQuery(rolesQuery).data ?? []
  const teams = useQuery(teamsQuery).data ?? []
  const [draft, setDraft] = useState(begin)
  const set = (some: Partial<UserDraft>) => setDraft((before) => ({ ...before, ...some }))
  const refused = (field: string) =>
    error instanceof ApiProblem && error.errors.some((each) => each.field === field) ? t('form.refused') : undefined

  function send(event: FormEvent) {
    event.preventDefault()
    onSubmit({ ...draft, name: draft.name.trim(), email: draft.email.trim() })
  }

  return (
    <form className={settings.form} onSubmit={send}>
      <TextInput
        data-autofocus
        required
        withAsterisk={false}
        maxLength={200}
        label={t('users.name')}
        value={draft.name}
        error={refused('name')}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <TextInput
        type="email"
        required
        withAsterisk={false}
        maxLength={254}
        label={t('users.email')}
        description={t('users.emailText')}
        value={draft.email}
        error={refused('email') ?? (error instanceof ApiProblem && error.code === 'email_taken')}
        onChange={(event) => set({ email: event.currentTarget.value })}
      />
      <Select
        label={t('users.role')}
        allowDeselect={false}
        value={draft.role}
        error={refused('role')}
        data={roles.map(({ name }) => ({ value: name, label: t(`role.${name as 'admin'}`, { defaultValue: name }) }))}
        onChange={(role) => role && set({ role })}
      />
      <RoleGuide role={draft.role} />
      <Select
        label={t('users.team')}
        placeholder={t('users.noTeam')}
        clearable
        searchable
        value={draft.team_id}
        error={refused('team_id')}
        data={teams.map((team) => ({ value: team.id, label: team.name }))}
        onChange={(team_id) => set({ team_id })}
      />
      <Select
        label={t('users.locale')}
        allowDeselect={false}
        value={draft.locale}
        data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
        onChange={(locale) => locale && set({ locale })}
      />
      <Refusal error={error} />
      <div className={settings.buttons}>
        {onCancel && (
          <Button variant="subtle" color="gray" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
        )}
        <Button type="submit" loading={busy} disabled={!draft.name.trim() || !draft.email.trim()}>
          {submit}
        </Button>
      </div>
    </form>
  )
}
