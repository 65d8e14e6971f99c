import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useSession } from '~/features/sessions/session'
import { usersQuery } from '~/features/users'
import { FilterChip } from '~/ui/list/FilterChip'
import { Toolbar } from '~/ui/list/Toolbar'
import { type CardFilters, SINCE, type Since } from './filters'

interface Props {
  filters: CardFilters
  onChange: (change: Partial<CardFilters>) => void
  placeholder: string
  /** The rows are of names that are only alike. */
  alike: boolean
  /** Filters of this noun alone. */
  children?: ReactNode
}

/** Above a list of cards: search as one types, filters as chips, the order. */
export function CardsToolbar({ filters, onChange, placeholder, alike, children }: Props) {
  const { t } = useTranslation()
  const me = useSession().user.id
  const users = useQuery(usersQuery).data ?? []
  const owners = [
    { value: 'me', label: t('list.me') },
    { value: 'team', label: t('list.team') },
    { value: 'nobody', label: t('users.nobody') },
    ...users.filter((user) => user.active && user.id !== me).map((user) => ({ value: user.id, label: user.name })),
  ]
  return (
    <Toolbar
      q={filters.q}
      onSearch={(q) => onChange({ q })}
      placeholder={placeholder}
      notice={alike ? t('search.notice.alike') : undefined}
    >
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
    </Toolbar>
  )
}
