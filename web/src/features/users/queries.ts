import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, body, ifMatch, type Schemas } from '~/api/http'

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

/** The roles there are and what each may do; few. */
export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: async ({ signal }) =>
    body(await api.GET('/api/v1/roles', { params: { query: { limit: 200 } }, signal })).items,
  staleTime: 5 * 60_000,
})

export async function newestUser(id: string): Promise<User> {
  return body(await api.GET('/api/v1/users/{user_id}', { params: { path: { user_id: id } } }))
}

export async function changeUser({ id, version }: User, patch: Schemas['UserPatch']): Promise<User> {
  return body(
    await api.PATCH('/api/v1/users/{user_id}', {
      params: { path: { user_id: id }, header: ifMatch(version) },
      body: patch,
    }),
  )
}

export async function makeOneTimePassword(id: string): Promise<string> {
  return body(await api.POST('/api/v1/users/{user_id}/one-time-password', { params: { path: { user_id: id } } }))
    .password
}

/** Colleagues by id, for names; empty until they are known. */
export function useColleagues(): ReadonlyMap<string, User> {
  return useQuery({ ...usersQuery, select: byId }).data ?? NOBODY
}

const NOBODY: ReadonlyMap<string, User> = new Map()
const byId = (users: User[]): ReadonlyMap<string, User> => new Map(users.map((user) => [user.id, user]))
