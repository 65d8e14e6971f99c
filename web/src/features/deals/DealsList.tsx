import { Button } from '@mantine/core'
import { IconCoins, IconZoomQuestion } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'
import { DataList } from '~/ui/list/DataList'
import { furtherOf } from '~/ui/list/further'
import { Toolbar } from '~/ui/list/Toolbar'
import { DealChips } from './DealChips'
import { asQuery, countOf, type DealFilters } from './filters'
import { useDealColumns } from './listColumns'
import { dealsQuery } from './queries'

const route = getRouteApi('/inside/deals')

/** Deals one below the other, found by typing, narrowed by chips; the address holds what is asked for. */
export function DealsList() {
  const { t } = useTranslation()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const columns = useDealColumns()
  const list = useInfiniteQuery({
    ...dealsQuery(asQuery(filters, new Date())),
    placeholderData: keepPreviousData,
  })
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data])
  const change = (some: Partial<DealFilters>) => navigate({ search: (all) => ({ ...all, ...some }), replace: true })
  const narrowed = filters.q !== undefined || countOf(filters) > 0
  return (
    <>
      <Toolbar q={filters.q} onSearch={(q) => change({ q })} placeholder={t('deals.search')}>
        <DealChips filters={filters} onChange={change} />
      </Toolbar>
      {list.error && !rows ? (
        <Trouble error={list.error} again={list.refetch} />
      ) : (
        <DataList
          label={t('deals.title')}
          columns={columns}
          rows={rows}
          keyOf={(deal) => deal.id}
          link={(deal, props, name) =>
            deal.person_id ? (
              <Link to="/people/$id" params={{ id: deal.person_id }} {...props}>
                {name}
              </Link>
            ) : deal.company_id ? (
              <Link to="/companies/$id" params={{ id: deal.company_id }} {...props}>
                {name}
              </Link>
            ) : (
              <Link to="/deals" search={{ pipeline: deal.pipeline_id }} {...props}>
                {name}
              </Link>
            )
          }
          further={furtherOf(list)}
          empty={
            narrowed ? (
              <Empty
                icon={<IconZoomQuestion size={22} stroke={1.6} />}
                title={filters.q ? t('list.nothingFor', { q: filters.q }) : t('list.nothingFits')}
                action={
                  <Button variant="default" onClick={() => navigate({ search: { view: 'list' } })}>
                    {t('list.showAll')}
                  </Button>
                }
              >
                {filters.q ? t('deals.tryOther') : t('list.tryFewer')}
              </Empty>
            ) : (
              <Empty icon={<IconCoins size={22} stroke={1.6} />} title={t('deals.none')}>
                {t('deals.noneText')}
              </Empty>
            )
          }
        />
      )}
    </>
  )
}
