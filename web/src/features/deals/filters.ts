import type { paths } from '~/api/generated/schema'
import { beginOf, SINCE, type Since } from '~/features/cards/filters'

/** What the page of deals shows: the board of a pipeline, or a list that the address narrows. */
export interface DealFilters {
  view?: 'list'
  pipeline?: string
  q?: string
  owner?: string
  state?: State
  stage?: string
  step?: 'none' | 'overdue'
  from?: string
  expected?: Expected
  closed?: Since
  sort?: 'amount' | 'created'
}

export const STATES = ['won', 'lost', 'all'] as const
export type State = (typeof STATES)[number]
export const EXPECTED = ['passed', 'month', 'quarter'] as const
export type Expected = (typeof EXPECTED)[number]
export const AMOUNTS = ['500', '1000', '3000', '10000'] as const

export type DealQuery = NonNullable<paths['/api/v1/deals']['get']['parameters']['query']>

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The filters an address names; what it can not mean is left out rather than refused. */
export function dealsSearch(search: Record<string, unknown>): DealFilters {
  const filters: DealFilters = {}
  const text = (key: string) => {
    const value = search[key]
    return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : ''
  }
  const among = <T extends string>(key: string, known: readonly T[]) => known.find((each) => each === text(key))
  if (search.view === 'list') filters.view = 'list'
  if (UUID.test(text('pipeline'))) filters.pipeline = text('pipeline')
  if (text('q').trim()) filters.q = text('q').slice(0, 200)
  if (text('owner') === 'me' || text('owner') === 'team' || UUID.test(text('owner'))) filters.owner = text('owner')
  filters.state = among('state', STATES)
  if (UUID.test(text('stage'))) filters.stage = text('stage')
  filters.step = among('step', ['none', 'overdue'] as const)
  filters.from = among('from', AMOUNTS)
  filters.expected = among('expected', EXPECTED)
  filters.closed = among('closed', SINCE)
  filters.sort = among('sort', ['amount', 'created'] as const)
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined))
}

/** How many filters are set; the search text and the order are none. */
export function countOf({ owner, state, stage, step, from, expected, closed }: DealFilters): number {
  return [owner, state, stage, step, from, expected, closed].filter(Boolean).length
}

/** The same filters as the API asks for them: open deals, unless another state or a time of closing is asked for. */
export function asQuery(filters: DealFilters, now: Date): DealQuery {
  const { q, owner, state, stage, step, from, expected, closed, sort } = filters
  const query: DealQuery = {
    sort: sort === 'amount' ? '-amount' : sort === 'created' ? '-created_at' : '-stage_entered_at',
  }
  if (q) query.q = q
  if (owner === 'me' || owner === 'team') query.whose = owner === 'me' ? 'mine' : 'team'
  else if (owner) query.owner_id = owner
  if (state === 'won' || state === 'lost') query.outcome = state
  else if (!state && !closed && !stage) query.outcome = 'open'
  if (stage) query.stage_id = stage
  if (step) query.next_step = step
  if (from) query.amount_from = from
  if (closed) query.closed_from = beginOf(closed, now).toISOString()
  if (expected === 'passed') query.expected_before = dayOf(now)
  if (expected === 'month' || expected === 'quarter') {
    const months = expected === 'month' ? 1 : 3
    const first = expected === 'month' ? now.getMonth() : Math.floor(now.getMonth() / 3) * 3
    query.expected_from = dayOf(new Date(now.getFullYear(), first, 1))
    query.expected_before = dayOf(new Date(now.getFullYear(), first + months, 1))
  }
  return query
}

/** `2026-11-27`, by this machine's zone. */
function dayOf(date: Date): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
