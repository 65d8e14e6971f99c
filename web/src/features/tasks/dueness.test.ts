import { expect, test } from 'vitest'
import { bySpan, nextMorning, spanOf, whenDue } from './dueness'

const NOON = new Date(2026, 10, 20, 12) // a Friday
const at = (day: number, hour: number) => new Date(2026, 10, day, hour).toISOString()

test('what was due this morning is late, what is due tonight is for today', () => {
  expect(whenDue(at(20, 11), NOON)).toBe('late')
  expect(whenDue(at(20, 23), NOON)).toBe('today')
  expect(whenDue(at(21, 0), NOON)).toBe('later')
})

test('days are counted by midnights', () => {
  expect([21, 22, 27, 28].map((day) => spanOf(at(day, 1), NOON))).toEqual(['tomorrow', 'week', 'week', 'later'])
})

test('groups come nearest first and hold every task once', () => {
  const tasks = [at(28, 9), at(20, 9), at(20, 15), at(20, 8)].map((due_at) => ({ due_at }))
  const groups = bySpan(tasks, NOON)
  expect(groups.map((group) => [group.span, group.tasks.length])).toEqual([
    ['late', 2],
    ['today', 1],
    ['later', 1],
  ])
})

test('the morning after a Friday is a Monday', () => {
  expect(nextMorning(NOON)).toEqual(new Date(2026, 10, 23, 9))
  expect(nextMorning(new Date(2026, 10, 18, 23))).toEqual(new Date(2026, 10, 19, 9))
})
