import { expect, test } from 'vitest'
import type { Schemas } from '~/api/http'
import { refusals, stateOf } from './state'

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString()
const refused = (minute: number, count = 1) => ({ reason: 'bad_signature' as const, count, last_at: at(minute) })
const of = (arrivals: Partial<Schemas['Arrivals']>, more = {}) => ({
  active: true,
  updated_at: at(10),
  arrivals: { first: null, last: null, refused: [], ...arrivals },
  ...more,
})

test('one that is off is off, whatever came', () => {
  expect(stateOf(of({ last: { at: at(20), what: 'ringing' } }, { active: false }))).toBe('off')
})

test('nothing has come, or something was taken', () => {
  expect(stateOf(of({}))).toBe('waiting')
  expect(stateOf(of({ last: { at: at(5), what: 'ended' } }))).toBe('hears')
})

test('a refusal holds until something is taken or the connection is changed', () => {
  expect(stateOf(of({ refused: [refused(11)] }))).toBe('refused')
  expect(stateOf(of({ refused: [refused(9)] }))).toBe('waiting')
  expect(stateOf(of({ refused: [refused(11)], last: { at: at(12), what: 'ringing' } }))).toBe('hears')
  expect(stateOf(of({ refused: [refused(13)], last: { at: at(12), what: 'ringing' } }))).toBe('refused')
})

test('refusals of all reasons are counted', () => {
  expect(refusals(of({ refused: [refused(1, 2), refused(0, 3)] }).arrivals)).toBe(5)
})
