import type { Schemas } from '~/api/http'

export type Job = Schemas['ImportOut']
export type Field = Schemas['ImportField']
export type Mapping = Record<string, number>

/** Steps of the wizard, in their order. */
export const STEPS = ['file', 'mapping', 'check', 'write', 'done'] as const
export type Step = (typeof STEPS)[number]

const ACTIVE = new Set<Job['state']>(['reading', 'checking', 'running', 'undoing'])

/** The server works on it: what is shown will soon be old. */
export const isActive = ({ state }: Pick<Job, 'state'>): boolean => ACTIVE.has(state)

/** A file that could not be read: nothing of it was written, and it may be read otherwise. */
export const isUnreadable = ({ state, finished_at }: Pick<Job, 'state' | 'finished_at'>): boolean =>
  state === 'failed' && finished_at === null

/** Whether something may have been written that can be taken back. */
export function canUndo({ state, finished_at, counts }: Pick<Job, 'state' | 'finished_at' | 'counts'>): boolean {
  const over = state === 'done' || ((state === 'cancelled' || state === 'failed') && finished_at !== null)
  return over && made(counts) > 0
}

/** Where the job stands. `back` is where its person went back to; only what was tried can be gone back from. */
export function stepOf(
  job: Pick<Job, 'state' | 'finished_at'> & Partial<Pick<Job, 'columns'>>,
  back?: 'mapping',
): Step {
  switch (job.state) {
    case 'reading':
      // Read anew in another way: its person stays among the columns.
      return job.columns?.length ? 'mapping' : 'file'
    case 'ready':
      return 'mapping'
    case 'checking':
      return 'check'
    case 'checked':
      return back ?? 'check'
    case 'running':
      return 'write'
    case 'failed':
      return isUnreadable(job) ? 'file' : 'done'
    default:
      return 'done'
  }
}

/** Required fields that no column fills. */
export const lacking = (fields: readonly Field[], mapping: Mapping): Field[] =>
  fields.filter((field) => field.required && !(field.name in mapping))

/** The field a column fills. */
export const fieldOf = (mapping: Mapping, column: number): string | null =>
  Object.keys(mapping).find((name) => mapping[name] === column) ?? null

/** The mapping with the column filling that field and no other; the column that filled it before is left out. */
export function assigned(mapping: Mapping, column: number, field: string | null): Mapping {
  const others = Object.entries(mapping).filter(([name, index]) => name !== field && index !== column)
  return Object.fromEntries(field === null ? others : [...others, [field, column]])
}

type Counts = Readonly<Record<string, number>>

/** Rows that were made or changed. */
export const made = (counts: Counts): number => (counts.create ?? 0) + (counts.update ?? 0)

export interface Doubt {
  code: string
  count: number
}

/** The doubts by their code, the most frequent first. */
export function doubts(counts: Counts): Doubt[] {
  return Object.entries(counts)
    .filter(([name]) => name.startsWith('doubt:') && name !== 'doubt:any')
    .map(([name, count]) => ({ code: name.slice('doubt:'.length), count }))
    .sort((a, b) => b.count - a.count || a.code.localeCompare(b.code))
}

export const VERDICTS = ['create', 'update', 'same', 'duplicate', 'error'] as const
export const WRITTEN = ['create', 'update', 'same', 'duplicate', 'skipped', 'error'] as const
export const TAKEN_BACK = ['removed', 'restored', 'kept'] as const

export interface Tally {
  word: (typeof WRITTEN)[number] | (typeof TAKEN_BACK)[number] | 'doubtful'
  count: number
}

/** The figures to show: always those that matter for the decision, the others when there are any. */
export function tallies(job: Pick<Job, 'state' | 'counts'>): Tally[] {
  const { counts, state } = job
  if (state === 'undoing' || state === 'undone') return TAKEN_BACK.map((word) => ({ word, count: counts[word] ?? 0 }))
  const words = state === 'checking' || state === 'checked' ? VERDICTS : WRITTEN
  const always = new Set(['create', 'update', 'error'])
  const found: Tally[] = words
    .map((word) => ({ word, count: counts[word] ?? 0 }))
    .filter(({ word, count }) => count > 0 || always.has(word))
  const doubtful = counts['doubt:any'] ?? 0
  if (doubtful) found.splice(-1, 0, { word: 'doubtful', count: doubtful })
  return found
}

/** How much is done, 0 to 100; null while nobody can say. */
export function percent({ state, done, total }: Pick<Job, 'state' | 'done' | 'total'>): number | null {
  if (state === 'reading' || state === 'undoing' || !total) return null
  return Math.min(100, Math.floor((done / total) * 100))
}

/** Which rows to look at first, of those that need a person's eye. */
export function firstSight(job: Pick<Job, 'state' | 'counts'>): Sight {
  if (job.state === 'undone') return 'kept'
  return !job.counts.error && job.counts['doubt:any'] ? 'doubtful' : 'error'
}

export const SIGHTS = ['error', 'doubtful', 'duplicate', 'kept', 'all'] as const
export type Sight = (typeof SIGHTS)[number]

/** How many rows a sight shows. */
export function seen(job: Pick<Job, 'total' | 'counts'>, sight: Sight): number {
  if (sight === 'all') return job.total
  return job.counts[sight === 'doubtful' ? 'doubt:any' : sight] ?? 0
}

/** The same as the API asks for them. */
export function asRowQuery(sight: Sight): { verdict?: 'error' | 'duplicate'; about?: 'doubtful' | 'kept' } {
  if (sight === 'error' || sight === 'duplicate') return { verdict: sight }
  return sight === 'all' ? {} : { about: sight }
}
