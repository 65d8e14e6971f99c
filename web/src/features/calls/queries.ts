import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import i18next from 'i18next'
import { api, body, ifMatch } from '~/api/http'
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

/** The call as it is, and then what came of it: only what another person says in between is in the way. */
async function say(id: string, outcome: Outcome) {
  const path = { id }
  const call = body(await api.GET('/api/v1/calls/{id}', { params: { path } }))
  return body(
    await api.PATCH('/api/v1/calls/{id}', { params: { path, header: ifMatch(call.version) }, body: { outcome } }),
  )
}

/** Says what came of a call. */
export function useOutcome(done?: (id: string) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, outcome }: { id: string; outcome: Outcome }) => say(id, outcome),
    onSuccess: (_, { id, outcome }) => {
      tellDone(i18next.t('calls.outcomeSaid', { outcome: i18next.t(`callOutcome.${outcome}`) }))
      for (const key of ['calls', 'card']) queries.invalidateQueries({ queryKey: [key] })
      done?.(id)
    },
    onError: tellTrouble,
  })
}
