import { queryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from '~/api/http'

export type Demo = Schemas['Demo']
export type Visitor = Schemas['Visitor']

/** Whom one can be here: nobody, with no password, wherever this is not a demo. */
export const demoQuery = queryOptions({
  queryKey: ['demo'],
  queryFn: async ({ signal }) => body(await api.GET('/api/v1/demo', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
})

export async function leaveDemo(): Promise<void> {
  await api.POST('/api/v1/demo/leave')
}

/** Whether the company stands empty: the server is back and knows of no demo. */
export const leftQuery = queryOptions({
  queryKey: ['demo', 'left'],
  queryFn: async ({ signal }) => {
    try {
      return body(await api.GET('/api/v1/demo', { signal })).password === null
    } catch {
      return false
    }
  },
  refetchInterval: (query) => (query.state.data ? false : 1000),
  gcTime: 0,
})
