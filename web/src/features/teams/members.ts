import type { User } from '~/features/users'

/** Who has to be moved so that exactly `wanted` are in the team: each with the team they go to. */
export function moves(users: readonly User[], team: string, wanted: readonly string[]): [User, string | null][] {
  const inside = new Set(wanted)
  const joining = users.filter((user) => inside.has(user.id) && user.team_id !== team)
  const leaving = users.filter((user) => user.team_id === team && user.active && !inside.has(user.id))
  return [...joining.map((user): [User, string] => [user, team]), ...leaving.map((user): [User, null] => [user, null])]
}

/** Who is in the team today; those who left are not counted. */
export function membersOf(users: readonly User[], team: string): User[] {
  return users.filter((user) => user.active && user.team_id === team)
}
