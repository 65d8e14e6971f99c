/** What narrows a list of cards. The address of the page holds it, so that a view can be kept, sent and gone back to. */
export interface CardFilters {
  q?: string
  owner?: string
  source?: string
  since?: Since
  company?: string
  sort?: 'name'
}

export const SINCE = ['today', 'week', 'month', 'year'] as const
export type Since = (typeof SINCE)[number]

/** Owners that are no single colleague, as the API names them. */
const WHOSE: Record<string, CardQuery['whose']> = { me: 'mine', team: 'team', nobody: 'nobody' }
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The filters an address names; what it can not mean is left out rather than refused. */
export function cardsSearch(search: Record<string, unknown>): CardFilters {
  const filters: CardFilters = {}
  const text = (key: string, longest: number) => {
    const value = search[key]
    const trimmed = (typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '').slice(
      0,
      longest,
    )
    return trimmed.trim() ? trimmed : undefined
  }
  const q = text('q', 100)
  if (q) filters.q = q
  const owner = text('owner', 36)
  if (owner && (owner in WHOSE || UUID.test(owner))) filters.owner = owner
  const source = text('source', 60)
  if (source) filters.source = source
  const since = text('since', 10)
  if (SINCE.includes(since as Since)) filters.since = since as Since
  const company = text('company', 36)
  if (company && UUID.test(company)) filters.company = company
  if (search.sort === 'name') filters.sort = 'name'
  return filters
}

/** How many filters are set; the search text and the order are none. */
export function countOf({ owner, source, since, company }: CardFilters): number {
  return [owner, source, since, company].filter(Boolean).length
}

/** The first moment of a span that ends now, by the midnights of this machine's zone. */
export function beginOf(since: Since, now: Date): Date {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate())
  if (since === 'week') day.setDate(day.getDate() - 6)
  if (since === 'month') day.setDate(day.getDate() - 29)
  if (since === 'year') return new Date(now.getFullYear(), 0, 1)
  return day
}

export interface CardQuery {
  q?: string
  whose?: 'mine' | 'team' | 'nobody'
  owner_id?: string
  source?: string
  company_id?: string
  created_from?: string
  sort?: 'name' | '-created_at'
}

/** The same filters as the API asks for them. */
export function asQuery(filters: CardFilters, now: Date): CardQuery {
  const query: CardQuery = { sort: filters.sort ?? '-created_at' }
  if (filters.q) query.q = filters.q
  if (filters.owner && filters.owner in WHOSE) query.whose = WHOSE[filters.owner]
  else if (filters.owner) query.owner_id = filters.owner
  if (filters.source) query.source = filters.source
  if (filters.company) query.company_id = filters.company
  if (filters.since) query.created_from = beginOf(filters.since, now).toISOString()
  return query
}
