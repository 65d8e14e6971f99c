import type { User } from './queries'

/** What narrows the list of users; the address holds it. `user` is the one looked at. */
export interface UserFilters {
  q?: string
  role?: string
  team?: string
  left?: true
  user?: string
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The filters an address names; what it can not mean is left out. */
export function usersSearch(search: Record<string, unknown>): UserFilters {
  const filters: UserFilters = {}
  const { q, role, team, left, user } = search
  if ((typeof q === 'string' || typeof q === 'number') && String(q).trim()) filters.q = String(q).slice(0, 100)
  if (typeof role === 'string' && /^[a-z][a-z0-9_]{0,49}$/.test(role)) filters.role = role
  if (typeof team === 'string' && (team === 'none' || UUID.test(team))) filters.team = team
  if (left === true) filters.left = true
  if (typeof user === 'string' && UUID.test(user)) filters.user = user
  return filters
}

/** Whom the filters leave: every word typed is in the name, the address or an extension. */
export function among(
  users: readonly User[],
  { q, role, team, left }: UserFilters,
  extensionsOf: (id: string) => readonly string[],
): User[] {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  return users.filter((user) => {
    if (user.active === Boolean(left)) return false
    if (role && user.role !== role) return false
    if (team && (user.team_id ?? 'none') !== team) return false
    const text = `${user.name} ${user.email ?? ''} ${extensionsOf(user.id).join(' ')}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
