import { expect, test } from 'vitest'
import { asQuery, countOf, dealsSearch } from './filters'

const ANA = '01a201bb-aee2-750d-8a52-bd0b4515a12b'
const NOON = new Date(2026, 10, 22, 12)

test('an address keeps what is a filter and drops what is not', () => {
  const search = { view: 'list', q: 'door', owner: 'team', state: 'won', step: 'none', from: 1000, page: '3' }
  expect(dealsSearch(search)).toEqual({
    view: 'list',
    q: 'door',
    owner: 'team',
    state: 'won',
    step: 'none',
    from: '1000',
  })
  expect(dealsSearch({ view: 'tree', q: ' ', owner: 'nobody', state: 'sold', stage: '7', from: '12' })).toEqual({})
})

test('open deals are shown unless another state, a stage or a time of closing is asked for', () => {
  expect(asQuery({}, NOON)).toEqual({ outcome: 'open', sort: '-stage_entered_at' })
  expect(asQuery({ state: 'lost' }, NOON).outcome).toBe('lost')
  expect(asQuery({ state: 'all' }, NOON).outcome).toBeUndefined()
  expect(asQuery({ closed: 'today' }, NOON).outcome).toBeUndefined()
  expect(asQuery({ stage: ANA }, NOON)).toEqual({ stage_id: ANA, sort: '-stage_entered_at' })
})

test('mine and my team’s are asked for by what they are', () => {
  expect(asQuery({ owner: 'me' }, NOON).whose).toBe('mine')
  expect(asQuery({ owner: ANA }, NOON)).toMatchObject({ owner_id: ANA })
})

test('a day of closing is this month’s, this quarter’s, or has passed', () => {
  const expected = (span: 'month' | 'quarter' | 'passed') => {
    const { expected_from, expected_before } = asQuery({ expected: span }, NOON)
    return [expected_from, expected_before]
  }
  expect(expected('month')).toEqual(['2026-11-01', '2026-12-01'])
  expect(expected('quarter')).toEqual(['2026-10-01', '2027-01-01'])
  expect(expected('passed')).toEqual([undefined, '2026-11-22'])
})

test('view, pipeline, search text and order are no filters', () => {
  expect(countOf({ view: 'list', pipeline: ANA, q: 'door', sort: 'amount' })).toBe(0)
  expect(countOf({ owner: 'me', step: 'overdue' })).toBe(2)
})
