export type When = 'late' | 'today' | 'later'

/** Whether a moment has passed, is still to come today, or comes later. */
export function whenDue(due: string, now: Date): When {
  const at = new Date(due)
  if (at < now) return 'late'
  return at.toDateString() === now.toDateString() ? 'today' : 'later'
}
