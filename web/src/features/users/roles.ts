import type { Schemas } from '~/api/http'

type Grants = Schemas['Role']['grants']

export const SEEN = ['person', 'company', 'deal', 'task', 'call', 'message', 'report'] as const
export const SCOPES = ['all', 'team', 'own_or_unassigned', 'own'] as const
export const POWERS = [
  'user:update',
  'team:update',
  'role:update',
  'connection:update',
  'pipeline:update',
  'product:update',
  'template:update',
  'automation:update',
  'deal:reopen',
  'deal:backdate',
  'person:merge',
  'call:dial',
  'call:dial_raw',
  'person:delete',
] as const

export type Noun = (typeof SEEN)[number]
export type Scope = (typeof SCOPES)[number]
export type Power = (typeof POWERS)[number]

/** What a role comes to: what of the work it sees, widest first, and what it may do beyond daily work. */
export interface RoleInWords {
  sees: { scope: Scope; nouns: Noun[] }[]
  may: Power[]
}

export function inWords(grants: Grants): RoleInWords {
  const sees = SCOPES.map((scope) => ({ scope, nouns: SEEN.filter((noun) => grants[`${noun}:read`] === scope) }))
  return { sees: sees.filter(({ nouns }) => nouns.length), may: POWERS.filter((power) => power in grants) }
}
