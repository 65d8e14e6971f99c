import { expect, test } from 'vitest'
import type { Schemas } from '~/api/http'
import { unplanned } from './unplanned'

const card = (id: string, owner_id: string, next_task_due_at: string | null = null) => ({
  id,
  owner_id,
  next_task_due_at,
})
const board = {
  columns: [
    { name: 'New', kind: 'open', cards: [card('a', 'me'), card('b', 'you'), card('c', 'me', '2026-11-22T10:00:00Z')] },
    { name: 'Contract', kind: 'open', cards: [card('d', 'me')] },
    { name: 'Won', kind: 'won', cards: [card('e', 'me')] },
  ],
} as unknown as Schemas['Board']

test('mine, open and without a next step; what is nearest to a contract first', () => {
  expect(unplanned(board, 'me').map((each) => [each.card.id, each.stage])).toEqual([
    ['d', 'Contract'],
    ['a', 'New'],
  ])
})
