import type { Schemas } from '~/api/http'
import { beginOf, SINCE, type Since } from '~/features/cards/filters'

export type Call = Schemas['Call']
export type Outcome = NonNullable<Call['outcome']>

export const WHAT = ['missed', 'waiting', 'answered', 'recorded'] as const
export type What = (typeof WHAT)[number]
export const DIRECTIONS = ['in', 'out', 'internal'] as const

/** By the digit that says it. */
export const OUTCOMES: readonly Outcome[] = [
  'reached',
  'left_message',
  'no_answer',
  'wrong_number',
  'not_interested',
  'booked',
]

/** What narrows the log. The address of the page holds it. */
export interface LogFilters {
  number?: string
  since?: Since
  direction?: (typeof DIRECTIONS)[number]
  what?: What
  who?: string
  outcome?: Outcome
  person?: string
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The filters an address names; what it can not mean is left out. */
export function logSearch(search: Record<string, unknown>): LogFilters {
  const filters: LogFilters = {}
  const oneOf = <T extends string>(key: string, all: readonly T[]) => all.find((each) => each === search[key])
  const number = typeof search.number === 'number' ? String(search.number) : search.number
  if (typeof number === 'string' && number.trim()) filters.number = number.slice(0, 24)
  filters.since = oneOf('since', SINCE)
  filters.direction = oneOf('direction', DIRECTIONS)
  filters.what = oneOf('what', WHAT)
  filters.outcome = oneOf('outcome', OUTCOMES)
  const { who, person } = search
  if (typeof who === 'string' && (who === 'me' || UUID.test(who))) filters.who = who
  if (typeof person === 'string' && UUID.test(person)) filters.person = person
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined))
}

export interface LogQuery {
  phone_prefix?: string
  phone_suffix?: string
  started_from?: string
  direction?: (typeof DIRECTIONS)[number]
  missed?: boolean
  called_back?: boolean
  recorded?: boolean
  result?: 'answered'
  responsible_user_id?: string
  outcome?: Outcome
  person_id?: string
}

/** The same filters as the API asks for them: a number that begins with + by its beginning, other digits by its end. */
export function asQuery(filters: LogFilters, me: string, now: Date): LogQuery {
  const query: LogQuery = {}
  const digits = (filters.number ?? '').replace(/\D/g, '').slice(0, 15)
  if (filters.number?.trim().startsWith('+')) {
    if (digits) query.phone_prefix = `+${digits}`
  } else if (digits.replace(/^0+/, '').length > 1) query.phone_suffix = digits.replace(/^0+/, '')
  if (filters.since) query.started_from = beginOf(filters.since, now).toISOString()
  if (filters.direction) query.direction = filters.direction
  if (filters.what === 'missed') query.missed = true
  if (filters.what === 'waiting') query.called_back = false
  if (filters.what === 'answered') query.result = 'answered'
  if (filters.what === 'recorded') query.recorded = true
  if (filters.who) query.responsible_user_id = filters.who === 'me' ? me : filters.who
  if (filters.outcome) query.outcome = filters.outcome
  if (filters.person) query.person_id = filters.person
  return query
}

export type Mark = 'in' | 'out' | 'internal' | 'missed' | 'failed' | 'live'

const MISSED = new Set<Call['result']>(['missed', 'abandoned_in_queue', 'abandoned_in_ivr', 'voicemail'])

/** What a call is at a glance: where it came from, and whether anybody talked. */
export function markOf({ phase, direction, result }: Pick<Call, 'phase' | 'direction' | 'result'>): Mark {
  if (phase !== 'ended') return 'live'
  if (MISSED.has(result)) return 'missed'
  if (direction === 'out' && result !== 'answered') return 'failed'
  return direction
}

/** How it went, in a colleague's words, where that says more than the telephone does: "No answer" once is enough. */
export function saidOf({ result, outcome }: Pick<Call, 'result' | 'outcome'>): Outcome | null {
  return outcome === result ? null : outcome
}
