import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, idempotencyKey, ifMatch, type Schemas } from '~/api/http'
import { ApiProblem } from '~/api/problem'
import { upload } from '~/api/upload'
import { tellTrouble } from '~/ui/feedback/tell'
import { asRowQuery, isActive, type Job, type Sight } from './job'
import type { Kind } from './kinds'

export type Row = Schemas['ImportRow']
export type Change = Schemas['PeopleImportChange']
export type Format = Schemas['FormatChange']

const PAGE = 50
const ROWS = 100
/** How often one looks again at what the server works on: a chunk of 500 rows takes about as long. */
const LOOK_MS = 700

// Every kind has the same routes; their types differ in the options alone.
const at = (kind: Kind) => `/api/v1/imports/${kind}/{id}` as '/api/v1/imports/people/{id}'
const jobKey = (kind: Kind, id: string) => ['imports', kind, id] as const

/** Where the whole file can be had, with what became of each row. */
export const resultPath = (job: Job): string => `/api/v1/imports/${job.kind}/${job.id}/result`

/** One's own imports of all kinds, the newest first. */
export const importsQuery = infiniteQueryOptions({
  queryKey: ['imports', 'list'],
  queryFn: async ({ pageParam, signal }) =>
    body(await api.GET('/api/v1/imports', { params: { query: { limit: PAGE, cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
  refetchInterval: ({ state }) => (state.data?.pages[0]?.items.some(isActive) ? LOOK_MS * 3 : false),
})

/** One import, looked at again and again while the server works on it. */
export const jobQuery = (kind: Kind, id: string) =>
  queryOptions({
    queryKey: jobKey(kind, id),
    queryFn: async ({ signal }) => body(await api.GET(at(kind), { params: { path: { id } }, signal })),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data && isActive(state.data) ? LOOK_MS : false),
  })

/** Rows of the file that a sight shows, page by page; `version` makes those of an earlier state be forgotten. */
export const rowsQuery = (kind: Kind, job: Pick<Job, 'id' | 'version'>, sight: Sight) =>
  infiniteQueryOptions({
    queryKey: [...jobKey(kind, job.id), 'rows', sight, job.version],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...asRowQuery(sight), limit: ROWS, cursor: pageParam }
      const path = `${at(kind)}/rows` as const
      return body(await api.GET(path, { params: { path: { id: job.id }, query }, signal }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
    // What is left out changes the version and none of these rows.
    placeholderData: (before, asked) => (asked?.queryKey[4] === sight ? before : undefined),
  })

export interface Sent {
  kind: Kind
  file: File
  tell: (share: number) => void
  signal: AbortSignal
}

/** Sends a file; however often it is sent, it is one import. */
export function useSend() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ kind, file, tell, signal }: Sent) =>
      upload<Job>(
        `/api/v1/imports/${kind}?file_name=${encodeURIComponent(file.name.slice(-200))}`,
        file,
        { 'content-type': file.type || 'application/octet-stream', 'idempotency-key': idempotencyKey() },
        tell,
        signal,
      ),
    onSuccess: (job, { kind }) => {
      queries.setQueryData(jobKey(kind, job.id), job)
      queries.invalidateQueries({ queryKey: importsQuery.queryKey })
    },
  })
}

/** A change of how the file is taken in: shown at once, sent in order, and taken back where it is refused. */
export function useChange(kind: Kind, id: string) {
  const queries = useQueryClient()
  const key = jobKey(kind, id)
  return useMutation({
    scope: { id },
    mutationFn: async (change: Change) => {
      const job = await queries.ensureQueryData(jobQuery(kind, id))
      const params = { path: { id }, header: ifMatch(job.version) }
      return body(await api.PATCH(at(kind), { params, body: change }))
    },
    onMutate: async ({ mapping, skipped_doubts, options }) => {
      await queries.cancelQueries({ queryKey: key, exact: true })
      queries.setQueryData<Job>(key, (job) => {
        if (!job) return job
        const some = { ...(mapping && { mapping }), ...(skipped_doubts && { skipped_doubts }) }
        return { ...job, ...some, ...(options && { options: { ...options } }) }
      })
    },
    onSuccess: (job) => void queries.setQueryData(key, job),
    onError: (error) => {
      tellTrouble(error)
      queries.invalidateQueries({ queryKey: key, exact: true })
    },
  })
}

export type Act = 'check' | 'commit' | 'undo' | 'cancel'

/** The next thing the server is asked to do with the import. */
export function useAct(kind: Kind, id: string) {
  const queries = useQueryClient()
  const key = jobKey(kind, id)
  return useMutation({
    // After the changes: what is tried is what is shown.
    scope: { id },
    mutationFn: async (act: Act) => {
      const job = await queries.ensureQueryData(jobQuery(kind, id))
      await queries.cancelQueries({ queryKey: key, exact: true })
      const path = { id }
      if (act === 'cancel') return body(await api.POST(`${at(kind)}/cancel`, { params: { path } }))
      return body(await api.POST(`${at(kind)}/${act}`, { params: { path, header: ifMatch(job.version) } }))
    },
    onSuccess: (job) => {
      queries.setQueryData(key, job)
      queries.invalidateQueries({ queryKey: importsQuery.queryKey })
    },
    onError: (error) => {
      // Over before it could be stopped: the page shows the end, which says more.
      if (!(error instanceof ApiProblem) || error.code !== 'not_now') tellTrouble(error)
      queries.invalidateQueries({ queryKey: key, exact: true })
    },
  })
}
