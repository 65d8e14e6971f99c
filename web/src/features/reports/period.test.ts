import { expect, test } from 'vitest'
import { figuresSearch, lastDays, rangeOf } from './period'

test('a period begins where the calendar says and ends on the day asked for', () => {
  expect(rangeOf('month', '2026-11-22')).toEqual({ from: '2026-11-01', to: '2026-11-22' })
  expect(rangeOf('quarter', '2026-11-22')).toEqual({ from: '2026-10-01', to: '2026-11-22' })
  expect(rangeOf('quarter', '2026-03-31')).toEqual({ from: '2026-01-01', to: '2026-03-31' })
  expect(rangeOf('year', '2026-01-01')).toEqual({ from: '2026-01-01', to: '2026-01-01' })
})

test('days are counted over months and leap years', () => {
  expect(lastDays('2024-03-01', 3)).toEqual({ from: '2024-02-28', to: '2024-03-01' })
})

test('an address can not ask for a day that is none', () => {
  expect(figuresSearch({ period: 'quarter', asOf: '2026-06-30' })).toEqual({ period: 'quarter', asOf: '2026-06-30' })
  expect(figuresSearch({ period: 'week', asOf: '2026-13-40' })).toEqual({})
})
