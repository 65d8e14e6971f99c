import { expect, test } from 'vitest'
import { clashes, type Draft, patchOf, tidy } from './draft'

const BASE: Draft = {
  name: 'Mojca',
  owner_id: 'ana',
  phones: [{ raw: '+38640222001', kind: 'mobile' }],
  emails: [],
}

test('only what was changed is sent', () => {
  expect(patchOf(BASE, { ...BASE, name: 'Mojca Golob' })).toEqual({ name: 'Mojca Golob' })
  expect(patchOf(BASE, structuredClone(BASE))).toEqual({})
  expect(patchOf(BASE, { ...BASE, owner_id: null })).toEqual({ owner_id: null })
})

test('empty rows and blanks around are not changes', () => {
  const typed = { ...BASE, name: ' Mojca ', phones: [...BASE.phones, { raw: '  ', kind: 'work' as const }] }
  expect(patchOf(BASE, tidy(typed))).toEqual({})
})

test('two people who changed different fields do not clash', () => {
  const mine = { ...BASE, name: 'Mojca Golob' }
  const theirs = { ...BASE, emails: [{ address: 'mojca@golob.example' }] }
  expect(clashes(BASE, mine, theirs)).toEqual([])
})

test('the same change by both is no clash, another one is', () => {
  const mine = { ...BASE, name: 'Mojca Golob', owner_id: 'boris' }
  expect(clashes(BASE, mine, { ...BASE, name: 'Mojca Golob' })).toEqual([])
  expect(clashes(BASE, mine, { ...BASE, name: 'M. Golob', owner_id: 'cene' })).toEqual(['name', 'owner_id'])
})
