import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconPhone } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SINCE } from '~/features/cards/filters'
import bar from '~/features/cards/Toolbar.module.css'
import { useSession } from '~/features/sessions/session'
import { usersQuery } from '~/features/users'
import { FilterChip } from '~/ui/list/FilterChip'
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
  const [text, setText] = useState(filters.number ?? '')
  const ask = useDebouncedCallback((number: string) => onChange({ number: number.trim() || undefined }), 200)
  // Going back in the history, or clearing all, changes the address and not the box.
  useEffect(
    () => setText((typed) => (typed.trim() === (filters.number ?? '') ? typed : (filters.number ?? ''))),
    [filters.number],
  )

  function type(value: string) {
    setText(value)
    ask(value)
  }

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
    <div className={bar.bar} role="search">
      <TextInput
        className={bar.search}
        type="search"
        inputMode="tel"
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
        placeholder={t('calls.number')}
        aria-label={t('calls.number')}
        leftSection={<IconPhone size={16} stroke={1.7} />}
        rightSection={text && <CloseButton size="sm" aria-label={t('list.clearSearch')} onClick={() => type('')} />}
      />
      <div className={bar.chips}>
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
      </div>
    </div>
  )
}
