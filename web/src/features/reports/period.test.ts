import { expect, test } from 'vitest'
import { asked, dayIn, endOfDay, figuresSearch, lastDays, rangeOf } from './period'

const ZONE = 'Europe/Ljubljana'

test('a period begins where the calendar says and ends on the day asked for', () => {
  expect(rangeOf('month', '2026-11-22')).toEqual({ from: '2026-11-01', to: '2026-11-22' })
  expect(rangeOf('quarter', '2026-11-22')).toEqual({ from: '2026-10-01', to: '2026-11-22' })
  expect(rangeOf('quarter', '2026-03-31')).toEqual({ from: '2026-01-01', to: '2026-03-31' })
  expect(rangeOf('year', '2026-01-01')).toEqual({ from: '2026-01-01', to: '2026-01-01' })
})

test('days are counted over months and leap years', () => {
  expect(lastDays('2024-03-01', 3)).toEqual({ from: '2024-02-28', to: '2024-03-01' })
})

test('days are those of the company, wherever the browser is', () => {
  expect(dayIn(ZONE, new Date('2026-11-27T22:59:59Z'))).toBe('2026-11-27')
  expect(dayIn(ZONE, new Date('2026-11-27T23:00:00Z'))).toBe('2026-11-28')
  expect(dayIn('America/Lima', new Date('2026-11-28T04:59:59Z'))).toBe('2026-11-27')
  expect(endOfDay(ZONE, '2026-03-28')).toBe('2026-03-28T22:59:59.999Z')
  expect(endOfDay(ZONE, '2026-03-29')).toBe('2026-03-29T21:59:59.999Z')
  expect(endOfDay(ZONE, '2026-10-25')).toBe('2026-10-25T22:59:59.999Z')
  expect(endOfDay('America/Lima', '2026-11-27')).toBe('2026-11-28T04:59:59.999Z')
})

test('an address can not ask for a day that is none', () => {
  expect(figuresSearch({ period: 'quarter', asOf: '2026-06-30' })).toEqual({ period: 'quarter', asOf: '2026-06-30' })
  expect(figuresSearch({ period: 'week', asOf: '2026-13-40' })).toEqual({})
})

test('a period of one’s own needs both its days, in their order', () => {
  const own = { period: 'own', from: '2026-02-01', to: '2026-02-28' }
  expect(figuresSearch(own)).toEqual(own)
  expect(figuresSearch({ ...own, to: '2026-01-31' })).toEqual({})
  expect(figuresSearch({ period: 'own' })).toEqual({})
})

test('what was known then is asked only of a day that is over', () => {
  expect(figuresSearch({ known: 'then' })).toEqual({})
  const range = asked(figuresSearch({ known: 'then', asOf: '2026-06-30' }), '2026-11-27', ZONE)
  expect(range).toMatchObject({ from: '2026-06-01', to: '2026-06-30', as_of: '2026-06-30' })
  expect(range.known_at).toBe('2026-06-30T21:59:59.999Z')
  expect(asked({}, '2026-11-27', ZONE)).toEqual({ from: '2026-11-01', to: '2026-11-27' })
})

test('an address opens the records of a figure and nothing else', () => {
  const records = '/api/v1/reports/sales/records?from=2026-11-01&to=2026-11-27&by=none&key='
  expect(figuresSearch({ records })).toEqual({ records })
  for (const other of [
    '/api/v1/users?limit=1',
    '//evil.example/api/v1/reports/sales/records?',
    '/api/v1/reports/../x?',
  ])
    expect(figuresSearch({ records: other })).toEqual({})
})
