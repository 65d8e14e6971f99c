import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import i18next from 'i18next'
import { api, body, ifMatch } from '~/api/http'
import { ApiProblem } from '~/api/problem'
import { tellDone, tellTrouble } from '~/ui/feedback/tell'
import type { LogQuery, Outcome } from './log'

const PAGE = 60

/** Calls as filtered, newest first, page by page. */
export const callsQuery = (query: LogQuery) =>
  infiniteQueryOptions({
    queryKey: ['calls', query],
    queryFn: async ({ pageParam, signal }) =>
      body(await api.GET('/api/v1/calls', { params: { query: { ...query, limit: PAGE, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

async function callNow(id: string) {
  return body(await api.GET('/api/v1/calls/{id}', { params: { path: { id } } }))
}

async function say(id: string, outcome: Outcome, again: boolean) {
  const call = await callNow(id)
  try {
    return body(
      await api.PATCH('/api/v1/calls/{id}', {
        params: { path: { id }, header: ifMatch(call.version) },
        body: { outcome },
      }),
    )
  } catch (error) {
    // The call went on meanwhile (it ended, its recording came): what came of it is still ours to say.
    if (again && error instanceof ApiProblem && error.code === 'stale_version') return say(id, outcome, false)
    throw error
  }
}

/** Says what came of a call. */
export function useOutcome(done?: (id: string) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, outcome }: { id: string; outcome: Outcome }) => say(id, outcome, true),
    onSuccess: (_, { id, outcome }) => {
      tellDone(i18next.t('calls.outcomeSaid', { outcome: i18next.t(`callOutcome.${outcome}`) }))
      for (const key of ['calls', 'card']) queries.invalidateQueries({ queryKey: [key] })
      done?.(id)
    },
    onError: tellTrouble,
  })
}
