/** What a ringing or talking call shows on the screen; `person_certain` is false while the card is a first guess. */
export interface Pop {
  call_id: string
  /** `ended` a call stays here only: until somebody says what came of it. */
  status: 'ringing' | 'talking' | 'ended'
  phone: string | null
  line: string | null
  started_at: string
  person_id: string | null
  person_name: string | null
  person_certain: boolean
  person_created: boolean
}

interface Card {
  id: string
  name: string
  phones: { e164: string | null }[]
}

/** Whoever else has the caller's very number, people first. */
export function alsoAt(
  pop: Pick<Pop, 'phone' | 'person_id'>,
  found: { people: readonly Card[]; companies: readonly Card[] },
): { noun: 'people' | 'companies'; id: string; name: string }[] {
  return (['people', 'companies'] as const).flatMap((noun) =>
    found[noun]
      .filter((card) => card.id !== pop.person_id && card.phones.some((phone) => phone.e164 === pop.phone))
      .map(({ id, name }) => ({ noun, id, name })),
  )
}

export type PopChange = { change: 'opened' | 'updated' | 'closed'; call_id: string; pop: Pop | null }

/**
 * The pops after one was opened, updated or closed; the oldest call stays first, so that nothing changes places. The
 * last talk that is over stays, to be asked what came of it.
 */
export function afterChange(pops: readonly Pop[], { change, call_id, pop }: PopChange): readonly Pop[] {
  if (change === 'closed' || !pop) {
    const over = pops.find((each) => each.call_id === call_id)
    const rest = pops.filter((each) => each.call_id !== call_id)
    if (over?.status !== 'talking') return over?.status === 'ended' ? pops : rest
    return [...rest.filter((each) => each.status !== 'ended'), { ...over, status: 'ended' }]
  }
  const known = pops.some((each) => each.call_id === call_id)
  return known ? pops.map((each) => (each.call_id === call_id ? pop : each)) : [...pops, pop]
}

/** The pops of a new beginning; a talk that is over is known here only, and stays. */
export function afterSnapshot(before: readonly Pop[], now: readonly Pop[]): readonly Pop[] {
  const asked = before.filter((pop) => pop.status === 'ended' && !now.some((each) => each.call_id === pop.call_id))
  return [...asked, ...now]
}
