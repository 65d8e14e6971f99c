import { Select, Switch, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, body } from '~/api/http'
import { pipelinesQuery } from '~/features/deals'
import { usersQuery } from '~/features/users'
import { Section } from '~/ui/Section'
import classes from './Imports.module.css'
import type { Job } from './job'
import type { Kind } from './kinds'
import { type Change, useChange } from './queries'

const rolesQuery = {
  queryKey: ['roles'],
  queryFn: async ({ signal }: { signal: AbortSignal }) => body(await api.GET('/api/v1/roles', { signal })).items,
  staleTime: 5 * 60_000,
}

type Setting = 'owner_id' | 'update' | 'create_companies' | 'source' | 'pipeline_id' | 'currency' | 'role'

const SETTINGS: Record<Kind, readonly Setting[]> = {
  people: ['owner_id', 'source', 'update', 'create_companies'],
  companies: ['owner_id', 'update'],
  deals: ['pipeline_id', 'owner_id', 'currency'],
  products: ['currency'],
  users: ['role'],
  teams: [],
}

/** What holds for every row that does not say otherwise. */
export function WholeFile({ kind, job }: { kind: Kind; job: Job }) {
  const { t } = useTranslation()
  const change = useChange(kind, job.id)
  const settings = SETTINGS[kind]
  const has = (setting: Setting) => settings.includes(setting)
  const users = useQuery({ ...usersQuery, enabled: has('owner_id') }).data ?? []
  const pipelines = useQuery({ ...pipelinesQuery, enabled: has('pipeline_id') }).data ?? []
  const roles = useQuery({ ...rolesQuery, enabled: has('role') }).data ?? []
  const options = job.options as Record<string, string | boolean | undefined>
  const said = (setting: Setting) => (options[setting] as string | undefined) ?? null

  function set(setting: Setting, value: string | boolean | null) {
    const { [setting]: _, ...others } = options
    const chosen = value === null || value === '' ? others : { ...others, [setting]: value }
    // The options differ by kind; the server knows which are whose.
    change.mutate({ options: chosen as Change['options'] })
  }

  if (!settings.length) return null
  const busy = job.state === 'reading'
  return (
    <Section title={t('imports.wholeFile')}>
      <div className={classes.settings}>
        {has('pipeline_id') && pipelines.length > 1 && (
          <Select
            label={t('imports.option.pipeline_id')}
            disabled={busy}
            allowDeselect={false}
            value={said('pipeline_id') ?? pipelines[0]?.id ?? null}
            data={pipelines.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(value) => set('pipeline_id', value)}
          />
        )}
        {has('owner_id') && (
          <Select
            label={t('imports.option.owner_id')}
            placeholder={t('list.me')}
            searchable
            clearable
            disabled={busy}
            value={said('owner_id')}
            data={users.filter((user) => user.active).map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(value) => set('owner_id', value)}
          />
        )}
        {has('role') && (
          <Select
            label={t('imports.option.role')}
            disabled={busy}
            allowDeselect={false}
            value={said('role') ?? 'salesperson'}
            data={roles.map(({ name }) => ({
              value: name,
              label: t(`role.${name}` as 'role.admin', { defaultValue: name }),
            }))}
            onChange={(value) => set('role', value)}
          />
        )}
        {has('update') && (
          <Select
            label={t('imports.option.update')}
            disabled={busy}
            allowDeselect={false}
            value={said('update') ?? 'fill'}
            data={(['fill', 'overwrite'] as const).map((value) => ({ value, label: t(`imports.update.${value}`) }))}
            onChange={(value) => set('update', value)}
          />
        )}
        {(['source', 'currency'] as const).filter(has).map((setting) => (
          <TextInput
            key={setting}
            label={t(`imports.option.${setting}`)}
            placeholder={setting === 'source' ? t('source.import') : 'EUR'}
            maxLength={setting === 'source' ? 60 : 3}
            disabled={busy}
            defaultValue={said(setting) ?? ''}
            onBlur={({ currentTarget: { value } }) => {
              const text = setting === 'currency' ? value.trim().toUpperCase() : value.trim()
              if (text !== (said(setting) ?? '')) set(setting, text)
            }}
          />
        ))}
      </div>
      {has('create_companies') && (
        <Switch
          label={t('imports.option.create_companies')}
          disabled={busy}
          checked={options.create_companies === true}
          onChange={(event) => set('create_companies', event.currentTarget.checked || null)}
        />
      )}
    </Section>
  )
}
