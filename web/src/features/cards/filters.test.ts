import { expect, test } from 'vitest'
import { asQuery, beginOf, cardsSearch, countOf } from './filters'

const ANA = '01a201bb-aee2-750d-8a52-bd0b4515a12b'
const NOON = new Date(2026, 10, 22, 12)

test('an address keeps what is a filter and drops what is not', () => {
  expect(cardsSearch({ q: 'mo', owner: 'me', since: 'week', sort: 'name', page: '3' })).toEqual({
    q: 'mo',
    owner: 'me',
    since: 'week',
    sort: 'name',
  })
  expect(cardsSearch({ q: '  ', owner: "' OR 1=1", since: 'decade', sort: 'phone', company: '7' })).toEqual({})
})

test('a number in the search box stays text', () => {
  expect(cardsSearch({ q: 386 })).toEqual({ q: '386' })
})

test('mine, my team’s and nobody’s are asked for by what they are, a colleague’s by the id', () => {
  expect(asQuery({ owner: 'me' }, NOON)).toEqual({ whose: 'mine', sort: '-created_at' })
  expect(asQuery({ owner: 'nobody', q: 'mo' }, NOON)).toEqual({ whose: 'nobody', q: 'mo', sort: '-created_at' })
  expect(asQuery({ owner: ANA }, NOON)).toEqual({ owner_id: ANA, sort: '-created_at' })
})

test('a week is today and the six days before, from midnight', () => {
  expect(beginOf('week', NOON)).toEqual(new Date(2026, 10, 16))
  expect(beginOf('today', NOON)).toEqual(new Date(2026, 10, 22))
  expect(beginOf('year', NOON)).toEqual(new Date(2026, 0, 1))
})

test('the same day asks the same question whatever the hour', () => {
  const early = asQuery({ since: 'month' }, new Date(2026, 10, 22, 0, 1))
  expect(asQuery({ since: 'month' }, NOON)).toEqual(early)
})

test('search text and order are no filters', () => {
  expect(countOf({ q: 'mo', sort: 'name' })).toBe(0)
  expect(countOf({ owner: 'me', source: 'call' })).toBe(2)
})
