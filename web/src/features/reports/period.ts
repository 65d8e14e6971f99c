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

/** The day of the company's calendar that a moment falls on, as the API writes it: `2026-11-27`. */
export function dayIn(zone: string, at: Date): string {
  // The Swedes write a day as ISO does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(at)
}

/** The last moment of a day of the company's, as the API writes it. */
export function endOfDay(zone: string, day: string): string {
  const last = Date.parse(`${day}T23:59:59.999Z`)
  return new Date(last - ahead(zone, last - ahead(zone, last))).toISOString()
}

/** How far the zone's clocks are ahead of UTC at a moment, in milliseconds. */
function ahead(zone: string, at: number): number {
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(at)
  return Date.parse(`${shown.replace(' ', 'T')}.${String(at % 1000).padStart(3, '0')}Z`) - at
}

/** The month, quarter or year that holds the last day, up to that day. */
export function rangeOf(period: Exclude<Period, 'own'>, last: string): { from: string; to: string } {
  const [year = 0, month = 1] = last.split('-').map(Number)
  const first = { month, quarter: month - ((month - 1) % 3), year: 1 }[period]
  return { from: `${year}-${String(first).padStart(2, '0')}-01`, to: last }
}

/** The days the filters mean, seen from today, both by the company's calendar. */
export function asked(filters: FigureFilters, today: string, zone: string): Range {
  const { period = 'month', from, to, asOf, known } = filters
  const days = period === 'own' ? { from: from ?? today, to: to ?? today } : rangeOf(period, asOf ?? today)
  return {
    ...days,
    ...(asOf ? { as_of: asOf } : {}),
    ...(asOf && known ? { known_at: endOfDay(zone, asOf) } : {}),
  }
}

/** The days from `last` back, oldest first. */
export function lastDays(last: string, count: number): { from: string; to: string } {
  const first = new Date(Date.parse(last) - (count - 1) * 86_400_000)
  return { from: first.toISOString().slice(0, 10), to: last }
}
