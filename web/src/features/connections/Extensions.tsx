import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '~/api/http'
import { ApiProblem } from '~/api/problem'
import settings from '~/features/settings/Settings.module.css'
import { useColleagues, usersQuery } from '~/features/users'
import { Refusal } from '~/ui/feedback/Refusal'
import { tellDone } from '~/ui/feedback/tell'
import { Section } from '~/ui/Section'
import { Versions } from '~/ui/versions/Versions'
import classes from './Connections.module.css'
import { bodyOf, mapOf, mergeMaps, type PhoneMap } from './phoneMap'
import { type Extension, extensionsQuery } from './queries'

interface Row {
  extension: string
  user_id: string | null
}

const rowsOf = (map: PhoneMap): Row[] =>
  bodyOf(map).sort((one, other) => one.extension.localeCompare(other.extension, undefined, { numeric: true }))
const asMap = (extensions: readonly Extension[]): PhoneMap =>
  new Map(extensions.map(({ extension, user_id }) => [extension, user_id]))

/** Whose each extension is: calls at it pop up for them, and their clicks to call ring it. */
export function Extensions({ id, known }: { id: string; known: readonly Extension[] }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const users = (useQuery(usersQuery).data ?? []).filter((user) => user.active)
  const colleagues = useColleagues()
  const [base, setBase] = useState<PhoneMap>(() => asMap(known))
  const [rows, setRows] = useState<Row[]>(() => rowsOf(base))
  const [met, setMet] = useState<{ mine: PhoneMap; theirs: PhoneMap; clashes: string[] } | null>(null)
  const map = mapOf(rows)

  const saving = useMutation({
    mutationFn: async ({ wanted, over }: { wanted: PhoneMap; over: PhoneMap }): Promise<PhoneMap | null> => {
      try {
        await put(id, wanted, over)
        return wanted
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.code !== 'phone_map_changed') throw error
        const theirs = asMap(await queries.fetchQuery({ ...extensionsQuery(id), staleTime: 0 }))
        const { map: merged, clashes } = mergeMaps(over, wanted, theirs)
        if (clashes.length) {
          setMet({ mine: merged, theirs, clashes })
          return null
        }
        await put(id, merged, theirs)
        return merged
      }
    },
    onSuccess: (now) => now && done(now),
  })

  function done(now: PhoneMap) {
    setMet(null)
    setBase(now)
    setRows(rowsOf(now))
    queries.invalidateQueries({ queryKey: ['extensions', id] })
    tellDone(t('form.saved'))
  }

  function send(event: FormEvent) {
    event.preventDefault()
    if (map) saving.mutate({ wanted: map, over: base })
  }

  const set = (at: number, some: Partial<Row>) => setRows(rows.map((row, n) => (n === at ? { ...row, ...some } : row)))
  const name = (user: string | undefined) => (user && colleagues.get(user)?.name) || t('users.nobody')

  return (
    <Section title={t('connections.extensions')}>
      <p className={settings.quiet}>{t('connections.extensionsText')}</p>
      {met ? (
        <Versions<Record<string, string>>
          clash={{ mine: Object.fromEntries(met.mine), theirs: Object.fromEntries(met.theirs), fields: met.clashes }}
          nameOf={(extension) => String(extension)}
          say={(version, extension) => name(version[extension])}
          busy={saving.isPending}
          onMine={() => saving.mutate({ wanted: met.mine, over: met.theirs })}
          onTheirs={() => done(met.theirs)}
        />
      ) : (
        <form className={settings.form} onSubmit={send}>
          <div className={classes.rows}>
            {rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows are told apart by their place alone
              <div key={at} className={classes.row} data-two>
                <TextInput
                  aria-label={t('users.extension')}
                  placeholder="101"
                  maxLength={20}
                  value={row.extension}
                  onChange={(event) => set(at, { extension: event.currentTarget.value })}
                />
                <Select
                  aria-label={t('connections.whose')}
                  placeholder={t('connections.whose')}
                  searchable
                  allowDeselect={false}
                  value={row.user_id}
                  data={users.map((user) => ({ value: user.id, label: user.name }))}
                  onChange={(user_id) => set(at, { user_id })}
                />
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size={34}
                  aria-label={t('connections.removeExtension')}
                  onClick={() => setRows(rows.toSpliced(at, 1))}
                >
                  <IconTrash size={16} stroke={1.7} />
                </ActionIcon>
              </div>
            ))}
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconPlus size={14} stroke={1.8} />}
              onClick={() => setRows([...rows, { extension: '', user_id: null }])}
            >
              {t('connections.addExtension')}
            </Button>
          </div>
          {!map && <p className={settings.quiet}>{t('connections.extensionsRule')}</p>}
          <Refusal error={saving.error} />
          <div className={settings.buttons}>
            <Button type="submit" loading={saving.isPending} disabled={!map}>
              {t('form.save')}
            </Button>
          </div>
        </form>
      )}
    </Section>
  )
}

async function put(id: string, wanted: PhoneMap, over: PhoneMap): Promise<void> {
  await api.PUT('/api/v1/connections/{id}/extensions', {
    params: { path: { id } },
    body: { extensions: bodyOf(wanted), replaces: bodyOf(over) },
  })
}
