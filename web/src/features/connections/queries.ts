import { queryOptions, useQueries, useQuery } from '@tanstack/react-query'
import { api, body, ifMatch, type Schemas } from '~/api/http'
import { stateOf } from './state'

export type Connection = Schemas['WatchedConnection']
export type PlainConnection = Schemas['Connection']
export type Extension = Schemas['ExtensionAnswer']

const SOON_MS = 2_000
const LATER_MS = 15_000

/** All connections, oldest first, asked for again and again: what comes of a PBX comes without our doing. */
export const connectionsQuery = queryOptions({
  queryKey: ['connections'],
  queryFn: async ({ signal }) => {
    const connections: Connection[] = []
    let cursor: string | undefined
    do {
      const page = body(await api.GET('/api/v1/connections', { params: { query: { limit: 200, cursor } }, signal }))
      connections.push(...page.items)
      cursor = page.next_cursor ?? undefined
    } while (cursor)
    return connections
  },
})

/** One connection; while its first event is waited for it is asked for every two seconds. */
export const connectionQuery = (id: string) =>
  queryOptions({
    queryKey: ['connections', id],
    queryFn: async ({ signal }) =>
      body(await api.GET('/api/v1/connections/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data } }) => (data && stateOf(data) === 'hears' ? LATER_MS : SOON_MS),
  })

export async function newestConnection(id: string): Promise<PlainConnection> {
  return body(await api.GET('/api/v1/connections/{id}', { params: { path: { id } } }))
}

export async function changeConnection(
  { id, version }: PlainConnection,
  patch: Schemas['ConnectionPatch'],
): Promise<PlainConnection> {
  return body(
    await api.PATCH('/api/v1/connections/{id}', { params: { path: { id }, header: ifMatch(version) }, body: patch }),
  )
}

/** Whose each extension of a connection is today. */
export const extensionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['extensions', id],
    queryFn: async ({ signal }) =>
      body(await api.GET('/api/v1/connections/{id}/extensions', { params: { path: { id } }, signal })).items.filter(
        (each) => each.valid_to === null,
      ),
  })

/** The extensions of each user over all connections; empty until they are known. */
export function useExtensions(): ReadonlyMap<string, readonly string[]> {
  const connections = useQuery(connectionsQuery).data ?? []
  return useQueries({
    queries: connections.map(({ id }) => extensionsQuery(id)),
    combine: (results) => byUser(results.flatMap((result) => result.data ?? [])),
  })
}

function byUser(extensions: readonly Extension[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { user_id, extension } of extensions) found.set(user_id, [...(found.get(user_id) ?? []), extension])
  return found
}
