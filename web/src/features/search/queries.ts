import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from '~/api/http'

/** A deal as the search names it. */
export interface FoundDeal {
  id: string
  title: string
  person_id: string | null
  owner_id: string
  outcome: 'won' | 'lost' | null
}

/** What the search found; `partial` when a part of the system did not answer. */
export interface Found {
  people: Schemas['PersonOut'][]
  companies: Schemas['CompanyOut'][]
  deals: FoundDeal[]
  notice: 'alike' | 'too_slow' | null
  partial: boolean
}

/** Everything that is called so or has this number or address; the last answer stays until the next is here. */
export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ['search', q],
    queryFn: async ({ signal }): Promise<Found> => {
      const screen = body(await api.GET('/api/v1/search', { params: { query: { q } }, signal }))
      const contacts = screen.contacts as unknown as Pick<Found, 'people' | 'companies' | 'notice'>
      const deals = (screen.deals as unknown as { deals: FoundDeal[] } | null)?.deals ?? []
      return { ...contacts, deals, partial: screen.notices.length > 0 }
    },
    enabled: q.length > 0,
    placeholderData: keepPreviousData,
  })
