import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from '~/api/http'

export type Funnel = Schemas['Funnel']
export type Sales = Schemas['Sales']
export type CallsPerDay = Schemas['CallsPerDay']

export interface Range {
  from: string
  to: string
  /** What had happened by the end of this day; today's figures move, an earlier day's stand. */
  as_of?: string
}

const MOVING_MS = 5_000

/** Asks again every few seconds while the figures can still move; the old ones stay until the new are here. */
const moving = (range: Range) => ({
  refetchInterval: range.as_of ? (false as const) : MOVING_MS,
  placeholderData: keepPreviousData,
})

export const salesQuery = (range: Range, by: 'none' | 'employee') =>
  queryOptions({
    queryKey: ['figures', 'sales', range, by],
    queryFn: async ({ signal }) =>
      body(await api.GET('/api/v1/reports/sales', { params: { query: { ...range, by } }, signal })),
    ...moving(range),
  })

export const funnelQuery = (range: Range, pipeline_id: string | undefined) =>
  queryOptions({
    queryKey: ['figures', 'funnel', range, pipeline_id],
    queryFn: async ({ signal }) =>
      body(
        await api.GET('/api/v1/reports/funnel', {
          params: { query: { ...range, pipeline_id: pipeline_id ?? '' } },
          signal,
        }),
      ),
    enabled: pipeline_id !== undefined,
    ...moving(range),
  })

export const callsQuery = (range: Range) =>
  queryOptions({
    queryKey: ['figures', 'calls', range],
    queryFn: async ({ signal }) =>
      body(await api.GET('/api/v1/reports/calls-per-day', { params: { query: range }, signal })),
    ...moving(range),
  })

/** My calls of today and what I won this month; asked anew while the page is open. */
export const ownDayQuery = queryOptions({
  queryKey: ['figures', 'day'],
  queryFn: async ({ signal }) => body(await api.GET('/api/v1/reports/day', { signal })),
  refetchInterval: 30_000,
})
