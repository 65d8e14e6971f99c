import { expect, test } from 'vitest'
import { choicesOf } from './choices'
import type { Found } from './queries'

const PLACES = [
  { to: '/people', label: 'People' },
  { to: '/companies', label: 'Companies' },
]
const person = (id: string, name: string) => ({
  id,
  name,
  phones: [{ e164: '+38640222001', raw: '040 222 001' }],
  emails: [],
})
const found = (some: object) =>
  ({ people: [], companies: [], deals: [], notice: null, partial: false, ...some }) as unknown as Found

test('an empty box offers the places to go', () => {
  expect(choicesOf('', undefined, PLACES).map((group) => group.word)).toEqual(['places'])
})

test('customers come first, places whose name begins so last', () => {
  const groups = choicesOf('pe', found({ people: [person('1', 'Petra')] }), PLACES)
  expect(groups.map((group) => [group.word, group.choices.map((choice) => choice.label)])).toEqual([
    ['people', ['Petra']],
    ['places', ['People']],
  ])
})

test('a deal leads to its customer, and one without a customer nowhere', () => {
  const deals = [
    { id: 'd1', title: 'Windows', person_id: '1' },
    { id: 'd2', title: 'Doors', person_id: null },
  ]
  expect(choicesOf('x', found({ deals }), PLACES)).toEqual([
    { word: 'deals', choices: [{ href: '/people/1?deal=d1', label: 'Windows' }] },
  ])
})

test('no group grows beyond a few', () => {
  const people = Array.from({ length: 20 }, (_, n) => person(String(n), `Ana ${n}`))
  expect(choicesOf('ana', found({ people }), PLACES)[0]?.choices).toHaveLength(6)
})
