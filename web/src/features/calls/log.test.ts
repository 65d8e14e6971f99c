import { expect, test } from 'vitest'
import { asQuery, logSearch, markOf, saidOf } from './log'

const NOW = new Date(2026, 10, 27, 15)
const ID = '01a1ffa6-0000-7000-8000-000000000002'

test('an address names filters, and what it can not mean is left out', () => {
  expect(logSearch({ what: 'missed', direction: 'in', who: 'me', since: 'week', number: 4012 })).toEqual({
    what: 'missed',
    direction: 'in',
    who: 'me',
    since: 'week',
    number: '4012',
  })
  expect(logSearch({ what: 'x', direction: 'up', who: 'you', since: 7, number: '  ', person: '1' })).toEqual({})
})

test('a number is looked for by its beginning or by its end', () => {
  expect(asQuery({ number: '+386 40' }, ID, NOW)).toEqual({ phone_prefix: '+38640' })
  expect(asQuery({ number: '040 222-001' }, ID, NOW)).toEqual({ phone_suffix: '40222001' })
  expect(asQuery({ number: '1' }, ID, NOW)).toEqual({})
  expect(asQuery({ number: '+' }, ID, NOW)).toEqual({})
})

test('waiting are the missed ones nobody called back', () => {
  expect(asQuery({ what: 'waiting', who: 'me' }, ID, NOW)).toEqual({ called_back: false, responsible_user_id: ID })
  expect(asQuery({ since: 'today' }, ID, NOW).started_from).toBe(new Date(2026, 10, 27).toISOString())
})

test('what a call is at a glance', () => {
  const mark = (direction: 'in' | 'out', result: 'answered' | 'missed' | 'busy' | null, phase = 'ended') =>
    markOf({ direction, result, phase: phase as 'ended' })
  expect(mark('in', 'answered')).toBe('in')
  expect(mark('in', 'missed')).toBe('missed')
  expect(mark('out', 'busy')).toBe('failed')
  expect(mark('out', null, 'ringing')).toBe('live')
})

test('the same is not said twice of a call', () => {
  expect(saidOf({ result: 'no_answer', outcome: 'no_answer' })).toBeNull()
  expect(saidOf({ result: 'answered', outcome: 'no_answer' })).toBe('no_answer')
  expect(saidOf({ result: 'answered', outcome: 'booked' })).toBe('booked')
  expect(saidOf({ result: null, outcome: null })).toBeNull()
})
