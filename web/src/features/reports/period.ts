export const PERIODS = ['month', 'quarter', 'year', 'own'] as const
export type Period = (typeof PERIODS)[number]
export const SORTS = ['won', 'deals', 'lost', 'rate', 'open'] as const
export type Sort = (typeof SORTS)[number]

/** What the page of figures is asked for. The address holds it, with the records that are open beside it. */
export interface FigureFilters {
  period?: Period
  /** Of a period of one's own. */
  from?: string
  to?: string
  /** The last day of what had happened. */
  asOf?: string
  /** Also without what became known after that day. */
  known?: 'then'
  team?: string
  sort?: Sort
  /** The records of one figure, by their path in the API. */
  records?: string
}

export interface Range {
  from: string
  to: string
  /** What had happened by the end of this day; today's figures move, an earlier day's stand. */
  as_of?: string
  /** What the system knew by this moment; with a day that is over too, the figures are fixed for ever. */
  known_at?: string
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
// An address is written by anybody: it may ask for the records of a figure and for nothing else of the API.
const RECORDS = /^\/api\/v1\/reports\/[a-z-]+\/records\?[\w%&=.:+~-]*$/

const isDay = (text: unknown): text is string =>
  typeof text === 'string' && DAY.test(text) && !Number.isNaN(Date.parse(text))

/** The filters an address names; what it can not mean is left out. */
export function figuresSearch(search: Record<string, unknown>): FigureFilters {
  const filters: FigureFilters = {}
  const { period, from, to, asOf, known, team, sort, records } = search
  if (period !== 'own' && PERIODS.includes(period as Period)) filters.period = period as Period
  if (period === 'own' && isDay(from) && isDay(to) && from <= to) Object.assign(filters, { period, from, to })
  if (isDay(asOf)) filters.asOf = asOf
  if (filters.asOf && known === 'then') filters.known = known
  if (typeof team === 'string' && UUID.test(team)) filters.team = team
  if (SORTS.includes(sort as Sort)) filters.sort = sort as Sort
  if (typeof records === 'string' && RECORDS.test(records)) filters.records = records
  return filters
}

/** A day as the API writes it, by this machine's calendar. */
export function isoDay(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** The month, quarter or year that holds the last day, up to that day. */
export function rangeOf(period: Exclude<Period, 'own'>, last: string): { from: string; to: string } {
  const [year = 0, month = 1] = last.split('-').map(Number)
  const first = { month, quarter: month - ((month - 1) % 3), year: 1 }[period]
  return { from: `${year}-${String(first).padStart(2, '0')}-01`, to: last }
}

/** The days the filters mean, seen from today. */
export function asked(filters: FigureFilters, today: string): Range {
  const { period = 'month', from, to, asOf, known } = filters
  const days = period === 'own' ? { from: from ?? today, to: to ?? today } : rangeOf(period, asOf ?? today)
  return {
    ...days,
    ...(asOf ? { as_of: asOf } : {}),
    ...(asOf && known ? { known_at: new Date(`${asOf}T23:59:59.999`).toISOString() } : {}),
  }
}

/** The days from `last` back, oldest first. */
export function lastDays(last: string, count: number): { from: string; to: string } {
  const day = new Date(`${last}T12:00:00`)
  day.setDate(day.getDate() - count + 1)
  return { from: isoDay(day), to: last }
}
