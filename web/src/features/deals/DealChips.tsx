import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { SINCE, type Since } from '~/features/cards/filters'
import { useSession } from '~/features/sessions/session'
import { usersQuery } from '~/features/users'
import { plainNumber } from '~/ui/formats'
import { FilterChip } from '~/ui/list/FilterChip'
import { AMOUNTS, type DealFilters, EXPECTED, STATES } from './filters'
import { pipelinesQuery } from './queries'

interface Props {
  filters: DealFilters
  onChange: (change: Partial<DealFilters>) => void
}

/** What narrows the list of deals: whose, in which state, how much, what comes next, when it closes. */
export function DealChips({ filters, onChange }: Props) {
  const { t } = useTranslation()
  const me = useSession().user.id
  const users = useQuery(usersQuery).data ?? []
  const pipelines = useQuery(pipelinesQuery).data ?? []
  const several = pipelines.length > 1
  const stages = pipelines.flatMap((pipeline) =>
    pipeline.stages.map(({ id, name }) => ({ value: id, label: several ? `${pipeline.name}: ${name}` : name })),
  )
  return (
    <>
      <FilterChip
        label={t('list.owner')}
        value={filters.owner}
        choices={[
          { value: 'me', label: t('list.me') },
          { value: 'team', label: t('list.team') },
          ...users
            .filter((user) => user.active && user.id !== me)
            .map((user) => ({ value: user.id, label: user.name })),
        ]}
        onChange={(owner) => onChange({ owner })}
      />
      <FilterChip
        label={t('deals.state')}
        value={filters.state}
        choices={STATES.map((value) => ({ value, label: t(`deals.states.${value}`) }))}
        onChange={(state) => onChange({ state: state as DealFilters['state'] })}
      />
      <FilterChip
        label={t('deals.nextStep')}
        value={filters.step}
        choices={(['none', 'overdue'] as const).map((value) => ({ value, label: t(`deals.steps.${value}`) }))}
        onChange={(step) => onChange({ step: step as DealFilters['step'] })}
      />
      <FilterChip
        label={t('deals.stage')}
        value={filters.stage}
        choices={stages}
        onChange={(stage) => onChange({ stage })}
      />
      <FilterChip
        label={t('deals.amount')}
        value={filters.from}
        choices={AMOUNTS.map((value) => ({ value, label: t('deals.amountFrom', { amount: plainNumber(value) }) }))}
        onChange={(from) => onChange({ from })}
      />
      <FilterChip
        label={t('deals.expected')}
        value={filters.expected}
        choices={EXPECTED.map((value) => ({ value, label: t(`deals.expectedIn.${value}`) }))}
        onChange={(expected) => onChange({ expected: expected as DealFilters['expected'] })}
      />
      <FilterChip
        label={t('deals.closed')}
        value={filters.closed}
        choices={SINCE.map((value) => ({ value, label: t(`list.since.${value}`) }))}
        onChange={(closed) => onChange({ closed: closed as Since | undefined })}
      />
      <FilterChip
        label={t('list.order')}
        value={filters.sort}
        choices={(['amount', 'created'] as const).map((value) => ({ value, label: t(`deals.by.${value}`) }))}
        onChange={(sort) => onChange({ sort: sort as DealFilters['sort'] })}
      />
    </>
  )
}
