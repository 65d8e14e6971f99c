import { QueryClient } from '@tanstack/react-query'
import { ApiProblem } from '~/api/problem'

/** What was asked lately. Only what may pass by itself is asked again. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 10 * 60_000,
      retry: (failed, error) => failed < 2 && error instanceof ApiProblem && error.passing,
      retryDelay: (failed, error) =>
        error instanceof ApiProblem && error.retryAfterS ? error.retryAfterS * 1000 : 400 * 2 ** failed,
    },
    mutations: { retry: false },
  },
})
