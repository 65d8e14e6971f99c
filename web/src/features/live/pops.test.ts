import { expect, test } from 'vitest'
import { afterChange, afterSnapshot, alsoAt, type Pop } from './pops'

const pop = (call_id: string, more: Partial<Pop> = {}) => ({ call_id, status: 'ringing', ...more }) as Pop
const opened = (one: Pop) => ({ change: 'opened', call_id: one.call_id, pop: one }) as const

test('a second ring stands below the first and changes no place', () => {
  const pops = afterChange(afterChange([], opened(pop('a'))), opened(pop('b')))
  const named = { change: 'updated', call_id: 'a', pop: pop('a', { person_name: 'Mojca' }) } as const
  expect(afterChange(pops, named).map((each) => [each.call_id, each.person_name])).toEqual([
    ['a', 'Mojca'],
    ['b', undefined],
  ])
})

test('the same pop told twice is one', () => {
  expect(afterChange([pop('a')], opened(pop('a')))).toHaveLength(1)
})

test('a talk that is over stays to be asked about, until the next one is', () => {
  const over = (call_id: string) => ({ change: 'closed', call_id, pop: null }) as const
  const talks = [pop('a', { status: 'talking' }), pop('b', { status: 'talking' })]
  const once = afterChange(talks, over('a'))
  expect(once.map((each) => [each.call_id, each.status])).toEqual([
    ['b', 'talking'],
    ['a', 'ended'],
  ])
  expect(afterChange(once, over('a'))).toEqual(once)
  expect(afterChange(once, over('b')).map((each) => each.call_id)).toEqual(['b'])
  expect(afterSnapshot(once, [pop('c')]).map((each) => each.call_id)).toEqual(['a', 'c'])
})

test('a shared number names everybody else whose it is, not who is like them', () => {
  const card = (id: string, ...numbers: (string | null)[]) => ({
    id,
    name: id.toUpperCase(),
    phones: numbers.map((e164) => ({ e164 })),
  })
  const ring = pop('a', { phone: '+38640111222', person_id: 'ana' })
  const found = {
    people: [card('ana', '+38640111222'), card('bor', null, '+38640111222'), card('cene', '+386401112223')],
    companies: [card('okna', '+38640111222')],
  }
  expect(alsoAt(ring, found)).toEqual([
    { noun: 'people', id: 'bor', name: 'BOR' },
    { noun: 'companies', id: 'okna', name: 'OKNA' },
  ])
})

test('a call that is over leaves, and one never seen leaves nothing', () => {
  const over = { change: 'closed', call_id: 'a', pop: null } as const
  expect(afterChange([pop('a'), pop('b')], over).map((each) => each.call_id)).toEqual(['b'])
  expect(afterChange([], over)).toEqual([])
})
