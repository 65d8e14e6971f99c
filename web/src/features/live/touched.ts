/** A hint of the live stream: something changed; what it is now has to be asked for. */
export interface Hint {
  type: string
  subject: string
  id: string
  version: number
}

export interface Touched {
  key: readonly string[]
  /** Whether what is on the screen is asked for anew at once; a long list that is being read stays as it is. */
  now: boolean
}

const CARDS: Touched = { key: ['card'], now: true }
const BOARD: Touched = { key: ['board'], now: true }

// Figures are not here: a busy day would ask for them without end; their page asks every few seconds.
const BY_SUBJECT: Record<string, readonly Touched[]> = {
  call: [CARDS, { key: ['calls'], now: true }],
  company: [{ key: ['companies'], now: false }],
  deal: [CARDS, BOARD, { key: ['deals'], now: false }],
  import: [{ key: ['imports'], now: true }],
  message: [CARDS],
  file: [CARDS, { key: ['files'], now: true }],
  note: [CARDS],
  notice: [{ key: ['notices'], now: true }],
  person: [{ key: ['people'], now: false }],
  pipeline: [{ key: ['pipelines'], now: true }, BOARD],
  task: [CARDS, BOARD, { key: ['tasks'], now: true }, { key: ['deals'], now: true }],
  team: [{ key: ['teams'], now: true }],
  user: [{ key: ['users'], now: true }],
}

/** Which answers kept by the browser are old after a hint. */
export function touchedBy({ subject, id }: Hint): readonly Touched[] {
  const own = subject === 'person' || subject === 'company' ? [{ key: ['card', subject, id], now: true }] : []
  return [...own, ...(BY_SUBJECT[subject] ?? [])]
}
