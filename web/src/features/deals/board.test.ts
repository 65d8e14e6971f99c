import { expect, test } from 'vitest'
import { type Board, type Card, extended, moved, refreshed } from './board'

const card = (id: string, amount = '100.00', currency = 'EUR') => ({ id, amount, currency, version: 1 }) as Card
const column = (stage_id: string, cards: Card[], amount: string) => ({
  stage_id,
  cards,
  count: cards.length,
  sums: cards.length ? [{ currency: 'EUR', amount }] : [],
  next_cursor: null,
})
const board = {
  columns: [column('new', [card('a', '0.10'), card('b', '0.20')], '0.30'), column('offer', [], '0')],
} as unknown as Board
const of = (some: Board, stage: string) => some.columns.find((each) => each.stage_id === stage)

test('a moved deal takes its worth along, to the cent', () => {
  const after = moved(board, 'a', 'offer', '2026-11-22T10:00:00Z')
  expect(of(after, 'new')).toMatchObject({ count: 1, sums: [{ amount: '0.20' }] })
  expect(of(after, 'offer')).toMatchObject({ count: 1, sums: [{ currency: 'EUR', amount: '0.10' }] })
  expect(of(after, 'offer')?.cards[0]).toMatchObject({ id: 'a', stage_entered_at: '2026-11-22T10:00:00Z' })
})

test('there and back leaves counts and sums as they were', () => {
  const back = moved(moved(board, 'a', 'offer', 'x'), 'a', 'new', 'y')
  expect(of(back, 'new')).toMatchObject({ count: 2, sums: [{ amount: '0.30' }] })
  expect(of(back, 'offer')).toMatchObject({ count: 0, cards: [] })
})

test('the board that is shown is not touched, so that it can come back', () => {
  const before = structuredClone(board)
  moved(board, 'b', 'offer', 'x')
  expect(board).toEqual(before)
})

test('a deal dropped where it was moves nothing', () => {
  expect(moved(board, 'a', 'new', 'x')).toBe(board)
  expect(moved(board, 'gone', 'offer', 'x')).toBe(board)
})

test('more cards go below, and none is shown twice though it moved meanwhile', () => {
  const after = extended(board, 'offer', [card('a'), card('c')], 'next')
  expect(of(after, 'offer')).toMatchObject({ cards: [{ id: 'c' }], next_cursor: 'next' })
})

test('a newer version replaces the one on the board', () => {
  const after = refreshed(board, { id: 'b', version: 7, amount: '5.00', title: 'Doors' })
  expect(of(after, 'new')?.cards[1]).toMatchObject({ version: 7, amount: '5.00', title: 'Doors' })
})
