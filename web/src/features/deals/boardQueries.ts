import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import i18next from 'i18next'
import { api, body, idempotencyKey, ifMatch } from '~/api/http'
import { tellDone, tellTrouble, tellUndoable } from '~/ui/feedback/tell'
import { type Board, type Card, type Column, extended, moved, refreshed } from './board'
import type { Deal } from './queries'

export const boardQuery = (pipeline: string | undefined) =>
  queryOptions({
    queryKey: ['board', pipeline ?? 'first'],
    queryFn: async ({ signal }) =>
      body(await api.GET('/api/v1/board', { params: { query: { pipeline_id: pipeline } }, signal })),
  })

export interface Moving {
  card: Card
  from: Column
  to: Column
  reason?: string
}

/** Moves a deal at once on the screen; when the server refuses, it goes back and the reason is told. */
export function useMove(pipeline: string | undefined) {
  const queries = useQueryClient()
  const { queryKey } = boardQuery(pipeline)
  const { mutate: undo } = useUndoMove(pipeline)
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
    onSuccess: (deal, { from, to }) => {
      queries.setQueryData<Board>(queryKey, (board) => board && refreshed(board, deal))
      queries.invalidateQueries({ queryKey: ['card'], refetchType: 'none' })
      queries.invalidateQueries({ queryKey: ['deals'] })
      const told = i18next.t(to.kind === 'won' ? 'board.won' : 'board.moved', { deal: deal.title, stage: to.name })
      // Opening a closed deal again is no slip that could be taken back.
      if (from.kind === 'open') tellUndoable(told, () => undo({ deal, from }))
      else tellDone(told)
    },
    onError: (error, _, before) => {
      queries.setQueryData(queryKey, before)
      tellTrouble(error)
      queries.invalidateQueries({ queryKey })
    },
  })
}

/** Takes one's own last move back; the history keeps both. */
function useUndoMove(pipeline: string | undefined) {
  const queries = useQueryClient()
  const { queryKey } = boardQuery(pipeline)
  return useMutation({
    mutationFn: async ({ deal }: { deal: Deal; from: Column }) =>
      body(
        await api.POST('/api/v1/deals/{id}/undo-move', {
          params: { path: { id: deal.id }, header: { ...ifMatch(deal.version), 'idempotency-key': idempotencyKey() } },
        }),
      ),
    onMutate: ({ deal, from }) =>
      queries.setQueryData<Board>(
        queryKey,
        (board) => board && moved(board, deal.id, from.stage_id, deal.stage_entered_at),
      ),
    onSuccess: (deal) => queries.setQueryData<Board>(queryKey, (board) => board && refreshed(board, deal)),
    onError: tellTrouble,
    onSettled: () => {
      for (const key of ['board', 'card', 'deals']) queries.invalidateQueries({ queryKey: [key] })
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
      queries.setQueryData<Board>(
        queryKey,
        (board) => board && extended(board, column.stage_id, page.items, page.next_cursor ?? null),
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
