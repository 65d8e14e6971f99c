export const PERIODS = ['month', 'quarter', 'year'] as const
export type Period = (typeof PERIODS)[number]

/** What the page of figures is asked for: a span up to a day, and that day as the last of what had happened. */
export interface FigureFilters {
  period?: Period
  asOf?: string
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** The filters an address names; what it can not mean is left out. */
export function figuresSearch(search: Record<string, unknown>): FigureFilters {
  const filters: FigureFilters = {}
  if (PERIODS.includes(search.period as Period)) filters.period = search.period as Period
  const { asOf } = search
  if (typeof asOf === 'string' && DAY.test(asOf) && !Number.isNaN(Date.parse(asOf))) filters.asOf = asOf
  return filters
}

/** A day as the API writes it, by this machine's calendar. */
export function isoDay(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** The month, quarter or year that holds the last day, up to that day. */
export function rangeOf(period: Period, last: string): { from: string; to: string } {
  const [year = 0, month = 1] = last.split('-').map(Number)
  const first = { month, quarter: month - ((month - 1) % 3), year: 1 }[period]
  return { from: `${year}-${String(first).padStart(2, '0')}-01`, to: last }
}

/** The days from `last` back, oldest first. */
export function lastDays(last: string, count: number): { from: string; to: string } {
  const day = new Date(`${last}T12:00:00`)
  day.setDate(day.getDate() - count + 1)
  return { from: isoDay(day), to: last }
}
