import i18next from 'i18next'

const made = new Map<string, unknown>()

/** Europe's English writes the day before the month and counts to 24 hours. */
const WRITTEN: Record<string, string> = { en: 'en-GB' }

function once<T>(kind: string, options: object, make: (language: string) => T): T {
  const spoken = i18next.language || 'en'
  const language = WRITTEN[spoken] ?? spoken
  const key = `${language}|${kind}|${JSON.stringify(options)}`
  const known = made.get(key) as T | undefined
  if (known) return known
  const fresh = make(language)
  made.set(key, fresh)
  return fresh
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return once('date', options, (language) => new Intl.DateTimeFormat(language, options))
}

/** Money as people of this language write it; whole amounts without their zero cents. */
export function money(amount: string | number, currency: string): string {
  const value = Number(amount)
  const digits = Number.isInteger(value) ? 0 : 2
  const options = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const
  return once('number', options, (language) => new Intl.NumberFormat(language, options)).format(value)
}

/** A number with its thousands told apart. */
export function plainNumber(value: string | number): string {
  return once('number', {}, (language) => new Intl.NumberFormat(language)).format(Number(value))
}

/** `14:05`. */
export function clock(at: string | Date): string {
  return dates({ hour: '2-digit', minute: '2-digit' }).format(new Date(at))
}

/** A day, with its year only when it is not this one. */
export function day(at: string | Date, now: Date = new Date()): string {
  const date = new Date(at)
  const sameYear = date.getFullYear() === now.getFullYear()
  return dates({ day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) }).format(date)
}

/** A day in full, for tooltips and headings. */
export function dayInFull(at: string | Date): string {
  return dates({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(at))
}

export function dayAndTime(at: string | Date): string {
  return `${day(at)}, ${clock(at)}`
}

/** How many midnights of this machine's zone lie between two moments. */
export function daysBetween(from: Date, to: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return Math.round((midnight(to) - midnight(from)) / 86_400_000)
}

/** "today", "yesterday", "in 3 days" within a week; else the day. */
export function nearDay(at: string | Date, now: Date = new Date()): string {
  const date = new Date(at)
  const days = daysBetween(now, date)
  if (Math.abs(days) > 6) return day(date, now)
  const options = { numeric: 'auto' } as const
  return once('relative', options, (language) => new Intl.RelativeTimeFormat(language, options)).format(days, 'day')
}

/** "now", "5 minutes ago", "2 hours ago"; from another day on the day. */
export function ago(at: string | Date, now: Date = new Date()): string {
  const date = new Date(at)
  const minutes = Math.max(0, Math.floor((now.getTime() - date.getTime()) / 60_000))
  if (minutes >= 24 * 60) return nearDay(at, now)
  const options = { numeric: 'auto' } as const
  const relative = once('relative', options, (language) => new Intl.RelativeTimeFormat(language, options))
  if (minutes < 1) return relative.format(0, 'second')
  return minutes < 60 ? relative.format(-minutes, 'minute') : relative.format(-Math.floor(minutes / 60), 'hour')
}

/** "one, two and three". */
export function list(words: readonly string[]): string {
  const options = { type: 'conjunction' } as const
  return once('list', options, (language) => new Intl.ListFormat(language, options)).format(words)
}

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** A size of data: `840 byte`, `48 kB`, `2.4 MB`. */
export function bytes(count: number): string {
  const step = count < 1000 ? 0 : count < 999_500 ? 1 : count < 999_500_000 ? 2 : 3
  const value = count / 1000 ** step
  const options = { style: 'unit', unit: SIZES[step], maximumFractionDigits: step > 1 && value < 100 ? 1 : 0 } as const
  return once('number', options, (language) => new Intl.NumberFormat(language, options)).format(value)
}

/** A length of talk: `4:05`, or `1:02:09`. */
export function talkTime(seconds: number): string {
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60]
  const hours = Math.floor(seconds / 3600)
  const [minutes = 0, rest = 0] = parts
  const tail = `${String(rest).padStart(2, '0')}`
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`
}
