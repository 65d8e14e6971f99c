import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useRouterState } from '@tanstack/react-router'
import type { CSSProperties, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { pipelinesQuery } from '~/features/deals/queries'
import { useSession } from '~/features/sessions/session'
import { Trouble } from '~/ui/feedback/Trouble'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'
import { CallsBlock } from './CallsBlock'
import { Opening } from './Figure'
import { Filters } from './FigureFilters'
import { FunnelBlock } from './FunnelBlock'
import { PeopleBlock } from './PeopleBlock'
import { asked, dayIn, type FigureFilters, lastDays } from './period'
import { callsQuery, funnelQuery, salesQuery } from './queries'
import { Records } from './Records'
import classes from './Reports.module.css'
import { Totals } from './Totals'

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** What the figure is called whose records are open. */
    figure?: string
  }
}

const route = getRouteApi('/inside/figures')
const CALL_DAYS = 30

/** How sales go, and how they stood on any day; every figure opens its records. */
export function FiguresPage() {
  const { t } = useTranslation()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const named = useRouterState({ select: (state) => state.location.state.figure })
  const { zone } = useSession()
  const today = dayIn(zone, new Date())
  const range = asked(filters, today, zone)
  const pipelines = useQuery(pipelinesQuery)
  const pipeline = pipelines.data?.[0]?.id
  const total = useQuery(salesQuery(range, 'none', filters.team))
  const people = useQuery(salesQuery(range, 'employee', filters.team))
  const funnel = useQuery(funnelQuery(range, pipeline, filters.team))
  const days = filters.period === 'own' ? range : { ...range, ...lastDays(range.to, CALL_DAYS) }
  const calls = useQuery(callsQuery(days, filters.team))
  // Shown all at once, as high as what held their places: a part that came after the others would push them down.
  const waiting = [pipelines, total, people, funnel, calls].some((query) => query.isLoading)
  useTitle(t('figures.title'))
  const change = (some: Partial<FigureFilters>) =>
    navigate({ search: (all) => ({ ...all, ...some, records: undefined }), replace: true })
  return (
    <Opening
      value={({ title, path }) =>
        // Pushed, so that the way back closes the records and finds all filters as they were.
        navigate({ search: (all) => ({ ...all, records: path }), state: { figure: title } })
      }
    >
      <PageHead title={t('figures.title')} />
      <div className={classes.page}>
        <Filters filters={filters} today={today} days={range} onChange={change} />
        <Part of="totals" query={total} waiting={waiting}>
          {(sales) => <Totals sales={sales} />}
        </Part>
        <Part of="funnel" query={funnel} waiting={waiting} rows={pipelines.data?.[0]?.stages.length}>
          {(shown) => <FunnelBlock funnel={shown} />}
        </Part>
        <div className={classes.two}>
          <Part of="people" query={people} waiting={waiting}>
            {(sales) => <PeopleBlock sales={sales} sort={filters.sort ?? 'won'} onSort={(sort) => change({ sort })} />}
          </Part>
          <Part of="calls" query={calls} waiting={waiting}>
            {(shown) => <CallsBlock calls={shown} />}
          </Part>
        </div>
      </div>
      <Records
        path={filters.records}
        title={named ?? t('figures.records')}
        onClose={() => navigate({ search: (all) => ({ ...all, records: undefined }) })}
      />
    </Opening>
  )
}

interface Asked<Data> {
  data: Data | undefined
  error: unknown
  refetch: () => void
}

function Part<Data>({
  of,
  query,
  waiting,
  rows,
  children,
}: {
  of: string
  query: Asked<Data>
  waiting: boolean
  rows?: number | undefined
  children: (data: Data) => ReactNode
}) {
  if (query.data && !waiting) return <div className={classes.part}>{children(query.data)}</div>
  if (query.error) return <Trouble error={query.error} again={query.refetch} />
  const as = { '--rows': rows } as CSSProperties
  return <Skeleton className={classes.waiting} data-part={of} style={as} height="var(--height)" radius="lg" />
}
