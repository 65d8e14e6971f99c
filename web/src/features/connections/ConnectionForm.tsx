import { Button, Select, Textarea, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '~/api/problem'
import settings from '~/features/settings/Settings.module.css'
import { useTeams } from '~/features/teams'
import { useColleagues, usersQuery } from '~/features/users'
import { Refusal } from '~/ui/feedback/Refusal'
import { tellDone } from '~/ui/feedback/tell'
import { Section } from '~/ui/Section'
import { useCarefulChange } from '~/ui/versions/useCarefulChange'
import { Versions } from '~/ui/versions/Versions'
import { type Draft, draftOf, patchOf, tidy } from './draft'
import { Lines } from './Lines'
import { changeConnection, newestConnection, type PlainConnection } from './queries'

/** What a connection is called, its lines, and to whom its calls fall. */
export function ConnectionForm({ connection }: { connection: PlainConnection }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const users = useQuery(usersQuery).data ?? []
  const colleagues = useColleagues()
  const teams = useTeams()
  const [draft, setDraft] = useState(() => draftOf(connection))
  const set = (some: Partial<Draft>) => setDraft((before) => ({ ...before, ...some }))
  const careful = useCarefulChange<PlainConnection, Draft>({
    thing: connection,
    draftOf,
    change: (over, patch) => changeConnection(over, patchOf(patch)),
    newest: () => newestConnection(connection.id),
    onDone: (now) => {
      setDraft(draftOf(now))
      queries.invalidateQueries({ queryKey: ['connections'] })
      tellDone(t('form.saved'))
    },
  })
  const refused = (field: string) =>
    careful.error instanceof ApiProblem &&
    careful.error.errors.some((each) => each.field === field || each.field.startsWith(`${field}.`))
      ? t('form.refused')
      : undefined
  const say = (version: Draft, field: keyof Draft) => {
    if (field === 'fallback_user_id') return colleagues.get(version.fallback_user_id)?.name ?? ''
    if (field !== 'lines') return version[field] ?? ''
    const whose = ({ team_id }: Draft['lines'][number]) => (team_id && teams.get(team_id)?.name) || t('users.noTeam')
    return version.lines.map((line) => `${line.number} → ${whose(line)}`).join('\n')
  }
  const fields = {
    name: 'name',
    fallback_user_id: 'fallback',
    api_url: 'apiUrl',
    trusted_networks: 'networks',
    lines: 'lines',
  } as const

  function send(event: FormEvent) {
    event.preventDefault()
    careful.save(tidy(draft))
  }

  if (careful.clash) {
    return (
      <Section title={t('connections.settings')}>
        <Versions
          clash={careful.clash}
          nameOf={(field) => t(`connections.${fields[field]}`)}
          say={say}
          busy={careful.busy}
          onMine={careful.keepMine}
          onTheirs={careful.takeTheirs}
        />
      </Section>
    )
  }
  return (
    <Section title={t('connections.settings')}>
      <form className={settings.form} onSubmit={send}>
        <TextInput
          required
          withAsterisk={false}
          maxLength={200}
          label={t('connections.name')}
          value={draft.name}
          error={refused('name')}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <Select
          label={t('connections.fallback')}
          description={t('connections.fallbackText')}
          searchable
          allowDeselect={false}
          value={draft.fallback_user_id}
          error={refused('fallback_user_id')}
          data={users
            .filter((user) => user.active || user.id === draft.fallback_user_id)
            .map((user) => ({ value: user.id, label: user.name }))}
          onChange={(id) => id && set({ fallback_user_id: id })}
        />
        <Lines lines={draft.lines} error={careful.error} onChange={(lines) => set({ lines })} />
        {connection.vendor === 'mango' && (
          <TextInput
            type="url"
            label={t('connections.apiUrl')}
            description={t('connections.apiUrlText')}
            placeholder="https://app.mango-office.ru/vpbx"
            value={draft.api_url ?? ''}
            error={refused('api_url')}
            onChange={(event) => set({ api_url: event.currentTarget.value })}
          />
        )}
        {connection.vendor === 'generic' && (
          <Textarea
            autosize
            minRows={1}
            label={t('connections.networks')}
            description={t('connections.networksText')}
            placeholder="192.0.2.0/24"
            value={draft.trusted_networks}
            error={refused('trusted_networks')}
            onChange={(event) => set({ trusted_networks: event.currentTarget.value })}
          />
        )}
        <Refusal error={careful.error} />
        <div className={settings.buttons}>
          <Button type="submit" loading={careful.busy} disabled={!draft.name.trim()}>
            {t('form.save')}
          </Button>
        </div>
      </form>
    </Section>
  )
}
