import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from '~/api/http'
import type { Range } from './period'

export type Funnel = Schemas['Funnel']
export type Sales = Schemas['Sales']
export type CallsPerDay = Schemas['CallsPerDay']

const MOVING_MS = 5_000

/** Asks again every few seconds while the figures can still move; the old ones stay until the new are here. */
const moving = (range: Range) => ({
  refetchInterval: range.as_of ? (false as const) : MOVING_MS,
  placeholderData: keepPreviousData,
})

export const teamsQuery = queryOptions({
  queryKey: ['figures', 'teams'],
  queryFn: async ({ signal }) => body(await api.GET('/api/v1/teams', { signal })).items,
  staleTime: 5 * 60_000,
})

export const salesQuery = (range: Range, by: 'none' | 'employee', team_id: string | undefined) =>
  queryOptions({
    queryKey: ['figures', 'sales', range, by, team_id],
    queryFn: async ({ signal }) =>
      body(await api.GET('/api/v1/reports/sales', { params: { query: { ...range, by, team_id } }, signal })),
    ...moving(range),
  })

export const funnelQuery = (range: Range, pipeline_id: string | undefined, team_id: string | undefined) =>
  queryOptions({
    queryKey: ['figures', 'funnel', range, pipeline_id, team_id],
    queryFn: async ({ signal }) =>
      body(
        await api.GET('/api/v1/reports/funnel', {
          params: { query: { ...range, pipeline_id: pipeline_id ?? '', team_id } },
          signal,
        }),
      ),
    enabled: pipeline_id !== undefined,
    ...moving(range),
  })

export const callsQuery = (range: Range, team_id: string | undefined) =>
  queryOptions({
    queryKey: ['figures', 'calls', range, team_id],
    queryFn: async ({ signal }) =>
      body(await api.GET('/api/v1/reports/calls-per-day', { params: { query: { ...range, team_id } }, signal })),
    ...moving(range),
  })

/** My calls of today and what I won this month; asked anew while the page is open. */
export const ownDayQuery = queryOptions({
  queryKey: ['figures', 'day'],
  queryFn: async ({ signal }) => body(await api.GET('/api/v1/reports/day', { signal })),
  refetchInterval: 30_000,
})
