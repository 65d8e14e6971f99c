/** What a ringing or talking call shows on the screen; `person_certain` is false while the card is a first guess. */
export interface Pop {
  call_id: string
  status: 'ringing' | 'talking'
  phone: string | null
  line: string | null
  started_at: string
  person_id: string | null
  person_name: string | null
  person_certain: boolean
  person_created: boolean
}

export type PopChange = { change: 'opened' | 'updated' | 'closed'; call_id: string; pop: Pop | null }

/** The pops after one was opened, updated or closed; the oldest call stays first, so that nothing changes places. */
export function afterChange(pops: readonly Pop[], { change, call_id, pop }: PopChange): readonly Pop[] {
  if (change === 'closed' || !pop) return pops.filter((each) => each.call_id !== call_id)
  const known = pops.some((each) => each.call_id === call_id)
  return known ? pops.map((each) => (each.call_id === call_id ? pop : each)) : [...pops, pop]
}
