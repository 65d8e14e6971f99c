import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { SINCE } from '~/features/cards/filters'
import { useSession } from '~/features/sessions/session'
import { usersQuery } from '~/features/users'
import { FilterChip } from '~/ui/list/FilterChip'
import { Toolbar } from '~/ui/list/Toolbar'
import { DIRECTIONS, type LogFilters, OUTCOMES, WHAT } from './log'

interface Props {
  filters: LogFilters
  onChange: (change: Partial<LogFilters>) => void
}

/** Above the log: a part of a number, and what else narrows it. */
export function LogBar({ filters, onChange }: Props) {
  const { t } = useTranslation()
  const me = useSession().user.id
  const users = useQuery(usersQuery).data ?? []
  const colleagues = [
    { value: 'me', label: t('list.me') },
    ...users.filter((user) => user.active && user.id !== me).map((user) => ({ value: user.id, label: user.name })),
  ]
  const chip = <Key extends keyof LogFilters>(key: Key, label: string, choices: { value: string; label: string }[]) => (
    <FilterChip
      label={label}
      value={filters[key]}
      choices={choices}
      onChange={(value) => onChange({ [key]: value } as Partial<LogFilters>)}
    />
  )
  return (
    <Toolbar q={filters.number} onSearch={(number) => onChange({ number })} placeholder={t('calls.number')}>
      {chip(
        'what',
        t('calls.what.title'),
        WHAT.map((value) => ({ value, label: t(`calls.what.${value}`) })),
      )}
      {chip('who', t('calls.colleague'), colleagues)}
      {chip(
        'direction',
        t('calls.direction.title'),
        DIRECTIONS.map((value) => ({ value, label: t(`calls.direction.${value}`) })),
      )}
      {chip(
        'since',
        t('calls.period'),
        SINCE.map((value) => ({ value, label: t(`list.since.${value}`) })),
      )}
      {chip(
        'outcome',
        t('calls.outcome'),
        OUTCOMES.map((value) => ({ value, label: t(`callOutcome.${value}`) })),
      )}
      {filters.person &&
        chip('person', t('calls.customer'), [{ value: filters.person, label: t('calls.oneCustomer') }])}
    </Toolbar>
  )
}
