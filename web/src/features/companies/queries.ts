import { infiniteQueryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from '~/api/http'
import type { CardQuery } from '~/features/cards/filters'

export type Company = Schemas['CompanyOut']

const PAGE = 100

/** Companies as filtered, page by page; they have neither a source nor a company of their own. */
export const companiesQuery = ({ owner_id, created_from, sort }: CardQuery) =>
  infiniteQueryOptions({
    queryKey: ['companies', { owner_id, created_from, sort }],
    queryFn: async ({ pageParam, signal }) =>
      body(
        await api.GET('/api/v1/companies', {
          params: { query: { owner_id, created_from, sort, limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
