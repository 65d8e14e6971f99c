import type { Schemas } from '~/api/http'

type Watched = Pick<Schemas['WatchedConnection'], 'active' | 'updated_at' | 'arrivals'>

/** Off; nothing has come yet; what came last was refused; or it hears. */
export type State = 'off' | 'waiting' | 'refused' | 'hears'

/**
 * How a connection stands. A refusal counts only until something was taken or the connection was changed after it:
 * what was put right is not held against it.
 */
export function stateOf({ active, updated_at, arrivals: { last, refused } }: Watched): State {
  if (!active) return 'off'
  const refusedAt = refused[0] ? Date.parse(refused[0].last_at) : Number.NEGATIVE_INFINITY
  if (refusedAt > Date.parse(updated_at) && (!last || refusedAt > Date.parse(last.at))) return 'refused'
  return last ? 'hears' : 'waiting'
}

/** How often anything was refused. */
export function refusals({ refused }: Schemas['Arrivals']): number {
  return refused.reduce((sum, each) => sum + each.count, 0)
}
