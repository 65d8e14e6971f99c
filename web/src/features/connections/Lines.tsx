import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '~/api/problem'
import form from '~/features/cards/CardForm.module.css'
import { teamsQuery } from '~/features/teams'
import { usersQuery } from '~/features/users'
import classes from './Connections.module.css'
import type { Line } from './draft'

interface Props {
  lines: readonly Line[]
  error: unknown
  onChange: (lines: Line[]) => void
}

/** The company's numbers: whose team each is, and to whom its calls fall when no known phone rings. */
export function Lines({ lines, error, onChange }: Props) {
  const { t } = useTranslation()
  const teams = useQuery(teamsQuery).data ?? []
  const users = useQuery(usersQuery).data ?? []
  const set = (at: number, some: Partial<Line>) =>
    onChange(lines.map((line, index) => (index === at ? { ...line, ...some } : line)))
  const refused = (at: number) =>
    error instanceof ApiProblem && error.errors.some(({ field }) => field.startsWith(`lines.${at}.`))
  return (
    <fieldset className={form.group}>
      <legend>{t('connections.lines')}</legend>
      {lines.length > 0 && (
        <div className={`${classes.row} ${classes.titles}`} aria-hidden="true">
          <span>{t('connections.number')}</span>
          <span>{t('users.team')}</span>
          <span>{t('connections.lineFallback')}</span>
        </div>
      )}
      {lines.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows are told apart by their place alone
        <div key={at} className={classes.row}>
          <TextInput
            type="tel"
            maxLength={64}
            aria-label={t('connections.number')}
            placeholder="+386 1 555 01 00"
            value={line.number}
            error={refused(at)}
            onChange={(event) => set(at, { number: event.currentTarget.value })}
          />
          <Select
            aria-label={t('users.team')}
            placeholder={t('users.noTeam')}
            clearable
            searchable
            value={line.team_id}
            data={teams.map((team) => ({ value: team.id, label: team.name }))}
            onChange={(team_id) => set(at, { team_id })}
          />
          <Select
            aria-label={t('connections.lineFallback')}
            placeholder={t('connections.asConnection')}
            clearable
            searchable
            value={line.fallback_user_id}
            data={users
              .filter((user) => user.active || user.id === line.fallback_user_id)
              .map((user) => ({ value: user.id, label: user.name }))}
            onChange={(fallback_user_id) => set(at, { fallback_user_id })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={34}
            aria-label={t('connections.removeLine')}
            onClick={() => onChange(lines.toSpliced(at, 1))}
          >
            <IconTrash size={16} stroke={1.7} />
          </ActionIcon>
        </div>
      ))}
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<IconPlus size={14} stroke={1.8} />}
        onClick={() => onChange([...lines, { number: '', team_id: null, fallback_user_id: null }])}
      >
        {t('connections.addLine')}
      </Button>
    </fieldset>
  )
}
