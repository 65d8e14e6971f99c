import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSession } from '~/features/sessions/session'
import { usersQuery } from '~/features/users'
import { FilterChip } from '~/ui/list/FilterChip'
import { type CardFilters, countOf, SINCE, type Since } from './filters'
import classes from './Toolbar.module.css'

interface Props {
  filters: CardFilters
  onChange: (change: Partial<CardFilters>) => void
  placeholder: string
  /** Filters of this noun alone. */
  children?: ReactNode
}

/** Above a list of cards: search as one types, filters as chips, the order. */
export function Toolbar({ filters, onChange, placeholder, children }: Props) {
  const { t } = useTranslation()
  const me = useSession().user.id
  const users = useQuery(usersQuery).data ?? []
  const [text, setText] = useState(filters.q ?? '')
  const ask = useDebouncedCallback((q: string) => onChange({ q: q.trim() || undefined }), 140)
  // Going back in the history, or clearing all, changes the address and not the box.
  useEffect(() => setText((typed) => (typed.trim() === (filters.q ?? '') ? typed : (filters.q ?? ''))), [filters.q])

  function type(value: string) {
    setText(value)
    ask(value)
  }

  const owners = [
    { value: 'me', label: t('list.me') },
    ...users.filter((user) => user.active && user.id !== me).map((user) => ({ value: user.id, label: user.name })),
  ]
  return (
    <div className={classes.bar} role="search">
      <TextInput
        className={classes.search}
        type="search"
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
        placeholder={placeholder}
        aria-label={placeholder}
        leftSection={<IconSearch size={16} stroke={1.7} />}
        rightSection={text && <CloseButton size="sm" aria-label={t('list.clearSearch')} onClick={() => type('')} />}
      />
      {filters.q ? (
        <p className={classes.rest}>{countOf(filters) ? t('list.filtersRest') : ''}</p>
      ) : (
        <div className={classes.chips}>
          <FilterChip
            label={t('list.owner')}
            value={filters.owner}
            choices={owners}
            onChange={(owner) => onChange({ owner })}
          />
          {children}
          <FilterChip
            label={t('list.added')}
            value={filters.since}
            choices={SINCE.map((value) => ({ value, label: t(`list.since.${value}`) }))}
            onChange={(since) => onChange({ since: since as Since | undefined })}
          />
          <FilterChip
            label={t('list.order')}
            value={filters.sort}
            choices={[{ value: 'name', label: t('list.byName') }]}
            onChange={(sort) => onChange({ sort: sort as 'name' | undefined })}
          />
        </div>
      )}
    </div>
  )
}
