import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import i18next from 'i18next'
import { api, body, idempotencyKey, ifMatch } from '~/api/http'
import { tellDone, tellTrouble } from '~/ui/feedback/tell'
import { type Board, type Card, type Column, extended, moved, refreshed } from './board'

export const boardQuery = (pipeline: string | undefined) =>
  queryOptions({
    queryKey: ['board', pipeline ?? 'first'],
    queryFn: async ({ signal }) =>
      body(await api.GET('/api/v1/board', { params: { query: { pipeline_id: pipeline } }, signal })),
  })

export interface Moving {
  card: Card
  to: Column
  reason?: string
}

/** Moves a deal at once on the screen; when the server refuses, it goes back and the reason is told. */
export function useMove(pipeline: string | undefined) {
  const queries = useQueryClient()
  const { queryKey } = boardQuery(pipeline)
  return useMutation({
    mutationFn: async ({ card, to, reason }: Moving) =>
      body(
        await api.POST('/api/v1/deals/{id}/move', {
          params: { path: { id: card.id }, header: { ...ifMatch(card.version), 'idempotency-key': idempotencyKey() } },
          body: { stage_id: to.stage_id, ...(reason ? { loss_reason: reason } : {}) },
        }),
      ),
    onMutate: async ({ card, to }) => {
      await queries.cancelQueries({ queryKey })
      const before = queries.getQueryData<Board>(queryKey)
      if (before) queries.setQueryData<Board>(queryKey, moved(before, card.id, to.stage_id, new Date().toISOString()))
      return before
    },
    onSuccess: (deal, { to }) => {
      queries.setQueryData<Board>(queryKey, (board) => board && refreshed(board, deal))
      queries.invalidateQueries({ queryKey: ['card'], refetchType: 'none' })
      if (to.kind === 'won') tellDone(i18next.t('board.won', { deal: deal.title }))
    },
    onError: (error, _, before) => {
      queries.setQueryData(queryKey, before)
      tellTrouble(error)
      queries.invalidateQueries({ queryKey })
    },
  })
}

/** The next fifty deals of a column, below those shown. */
export function useMore(pipeline: string | undefined) {
  const queries = useQueryClient()
  const { queryKey } = boardQuery(pipeline)
  return useMutation({
    mutationFn: async (column: Column) => {
      const query = {
        stage_id: column.stage_id,
        cursor: column.next_cursor ?? undefined,
        closed_from: column.closed_from ?? undefined,
        limit: 50,
      }
      return body(await api.GET('/api/v1/deals', { params: { query } }))
    },
    onSuccess: (page, column) => {
      const cards = page.items.map((deal) => ({ ...deal, person_name: null, next_task_due_at: null }))
      queries.setQueryData<Board>(
        queryKey,
        (board) => board && extended(board, column.stage_id, cards, page.next_cursor ?? null),
      )
    },
  })
}

/** A new deal at the top of a column. */
export function useAdd(pipeline: string | undefined) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ title, amount, column }: { title: string; amount: string; column: Column }) =>
      body(
        await api.POST('/api/v1/deals', {
          params: { header: { 'idempotency-key': idempotencyKey() } },
          body: { title, ...(amount ? { amount } : {}), pipeline_id: pipeline, stage_id: column.stage_id },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['board'] }),
    onError: tellTrouble,
  })
}
