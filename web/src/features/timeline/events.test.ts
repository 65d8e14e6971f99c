import { expect, test } from 'vitest'
import { byDay, eventOf, type Item } from './events'

const item = (kind: Item['kind'], data: object, pii: object | null = {}, happened_at = '2026-11-22T10:00:00Z') =>
  ({ id: happened_at, kind, data, pii, happened_at }) as unknown as Item

test('a ring that nobody took is missed, whatever the PBX calls it', () => {
  for (const result of ['missed', 'abandoned_in_queue', 'no_answer']) {
    expect(eventOf(item('call', { direction: 'in', result }))).toMatchObject({ kind: 'call', mark: 'missed' })
  }
  expect(eventOf(item('call', { direction: 'in', result: 'answered' }))).toMatchObject({ mark: 'in' })
  expect(eventOf(item('call', { direction: 'out', result: 'answered' }))).toMatchObject({ mark: 'out' })
})

test('a call that still lasts is not missed', () => {
  expect(eventOf(item('call', { direction: 'in', phase: 'talking', result: null }))).toMatchObject({ mark: 'in' })
})

test('a move names where from and where to, a new deal only where it began', () => {
  const stages = { stage_id: 'b', from_stage_id: 'a', to_stage_id: 'b', outcome: null }
  expect(eventOf(item('deal_stage_changed', stages))).toMatchObject({ from: 'a', to: 'b', meaning: 'plain' })
  expect(eventOf(item('deal_created', { stage_id: 'a', outcome: null }))).toMatchObject({ from: null, to: 'a' })
  expect(eventOf(item('deal_stage_changed', { ...stages, outcome: 'lost' }))).toMatchObject({ meaning: 'bad' })
})

test('what was erased is told without its words', () => {
  expect(eventOf(item('message', { channel: 'email', status: 'sent' }, null))).toMatchObject({
    subject: null,
    text: null,
  })
})

test('a note tells who wrote what', () => {
  const note = item('note', { author_id: 'ana', subject: 'person' }, { text: 'Likes wood' })
  expect(eventOf(note)).toEqual({ kind: 'note', note: { author_id: 'ana', subject: 'person' }, text: 'Likes wood' })
})

test('a history is cut at midnights and loses nothing', () => {
  const noon = (day: number) => new Date(2026, 10, day, 12).toISOString()
  const items = [22, 22, 21, 19].map((day) => item('task', {}, {}, noon(day)))
  const groups = byDay(items)
  expect(groups.map((group) => group.items.length)).toEqual([2, 1, 1])
  expect(groups.flatMap((group) => group.items)).toEqual(items)
})
