import { infiniteQueryOptions, queryOptions, useQuery } from '@tanstack/react-query'
import { api, body, type Schemas } from '~/api/http'
import type { DealQuery } from './filters'

export type Deal = Schemas['DealOut']
export type Listed = Schemas['DealListed']
export type Stage = Schemas['StageOut']
export type Pipeline = Schemas['PipelineOut']

/** Every pipeline with its stages, the default one first. */
export const pipelinesQuery = queryOptions({
  queryKey: ['pipelines'],
  queryFn: async ({ signal }) => body(await api.GET('/api/v1/pipelines', { signal })).items,
  staleTime: 5 * 60_000,
})

const NONE: ReadonlyMap<string, Stage> = new Map()
const byId = (pipelines: Pipeline[]): ReadonlyMap<string, Stage> =>
  new Map(pipelines.flatMap((pipeline) => pipeline.stages.map((stage) => [stage.id, stage] as const)))

/** Stages of all pipelines by id; empty until they are known. */
export function useStages(): ReadonlyMap<string, Stage> {
  return useQuery({ ...pipelinesQuery, select: byId }).data ?? NONE
}

const PAGE = 50

/** Deals as filtered, page by page. */
export const dealsQuery = (query: DealQuery) =>
  infiniteQueryOptions({
    queryKey: ['deals', query],
    queryFn: async ({ pageParam, signal }) =>
      body(await api.GET('/api/v1/deals', { params: { query: { ...query, limit: PAGE, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
