import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, body, type Schemas } from '~/api/http'

export type Deal = Schemas['DealOut']
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
