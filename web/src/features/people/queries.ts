import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from '~/api/http'
import type { CardQuery } from '~/features/cards/filters'

export type Person = Schemas['PersonOut']

const PAGE = 100

/** People as filtered, page by page. */
export const peopleQuery = (query: CardQuery) =>
  infiniteQueryOptions({
    queryKey: ['people', query],
    queryFn: async ({ pageParam, signal }) =>
      body(
        await api.GET('/api/v1/people', { params: { query: { ...query, limit: PAGE, cursor: pageParam } }, signal }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

/** One person, as its company's card or a deal names it. */
export const personQuery = (id: string) =>
  queryOptions({
    queryKey: ['person', id],
    queryFn: async ({ signal }) =>
      body(await api.GET('/api/v1/people/{person_id}', { params: { path: { person_id: id } }, signal })),
  })
