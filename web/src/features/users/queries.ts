import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, body, type Schemas } from '~/api/http'

export type User = Schemas['User']

/** All colleagues, those who left included: their names stand in old records. */
export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }) => {
    const users: User[] = []
    let cursor: string | undefined
    do {
      const page = body(await api.GET('/api/v1/users', { params: { query: { limit: 200, cursor } }, signal }))
      users.push(...page.items)
      cursor = page.next_cursor ?? undefined
    } while (cursor)
    return users
  },
  staleTime: 5 * 60_000,
})

/** Colleagues by id, for names; empty until they are known. */
export function useColleagues(): ReadonlyMap<string, User> {
  return useQuery({ ...usersQuery, select: byId }).data ?? NOBODY
}

const NOBODY: ReadonlyMap<string, User> = new Map()
const byId = (users: User[]): ReadonlyMap<string, User> => new Map(users.map((user) => [user.id, user]))
