import { queryOptions, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { api, body, type Schemas } from '~/api/http'

export type Session = Schemas['Session']

/** Whether this browser signed in before: asking the server who we are, signed out, would be refused for nothing. */
const SEEN = 'voronka.session'

export const wasSignedIn = (): boolean => localStorage.getItem(SEEN) !== null
export const rememberSignedIn = (): void => localStorage.setItem(SEEN, '1')
export const forgetSignedIn = (): void => localStorage.removeItem(SEEN)

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => body(await api.GET('/api/v1/sessions/current', { signal })),
  staleTime: 5 * 60_000,
})

/** Who is signed in; only below the routes that ask for it. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data
}

type Grants = Session['user']['grants']

/** Whether `noun:action`, or one of several, is granted at all; how far it reaches is the server's to say. */
export function may(grants: Grants, grant: string | readonly string[]): boolean {
  return typeof grant === 'string' ? grant in grants : grant.some((each) => each in grants)
}

/** The same of the signed-in user. */
export function useMay(grant: string | readonly string[]): boolean {
  return may(useSession().user.grants, grant)
}

export async function signIn(email: string, password: string): Promise<Session> {
  const session = body(await api.POST('/api/v1/sessions', { body: { email, password, transport: 'cookie' } }))
  rememberSignedIn()
  return session
}

export async function choosePassword(current: string, chosen: string): Promise<void> {
  await api.POST('/api/v1/users/me/password', { body: { current_password: current, new_password: chosen } })
}

/** One is written to in this language from now on, and a new browser begins with it. */
export async function chooseLocale(locale: string): Promise<void> {
  await api.PUT('/api/v1/users/me/locale', { body: { locale } })
}

/** Signs out here and forgets everything that was read. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient()
  return async () => {
    try {
      await api.DELETE('/api/v1/sessions/current')
    } finally {
      forgetSignedIn()
      queries.clear()
      window.location.assign('/sign-in')
    }
  }
}
