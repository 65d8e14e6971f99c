import { expect, test } from 'vitest'
import { among, usersSearch } from './list'
import type { User } from './queries'

const user = (name: string, more: Partial<User> = {}): User => ({
  id: name,
  name,
  email: `${name.toLowerCase()}@novak.example`,
  role: 'salesperson',
  team_id: null,
  locale: 'en',
  active: true,
  last_signed_in_at: null,
  created_at: '',
  updated_at: '',
  version: 1,
  ...more,
})
const staff = [user('Ana', { team_id: 'A' }), user('Boris', { role: 'admin' }), user('Cene', { active: false })]
const names = (filters: Parameters<typeof among>[1]) =>
  among(staff, filters, (id) => (id === 'Boris' ? ['102'] : [])).map((each) => each.name)

test('who works here is shown; who left only when asked for', () => {
  expect(names({})).toEqual(['Ana', 'Boris'])
  expect(names({ left: true })).toEqual(['Cene'])
})

test('each typed word stands in the name, the address or an extension', () => {
  expect(names({ q: 'ana novak' })).toEqual(['Ana'])
  expect(names({ q: '102' })).toEqual(['Boris'])
  expect(names({ q: 'ana 102' })).toEqual([])
})

test('filters narrow together', () => {
  expect(names({ role: 'admin', team: 'none' })).toEqual(['Boris'])
  expect(names({ role: 'admin', team: 'A' })).toEqual([])
})

test('an address says only what it can mean', () => {
  expect(usersSearch({ q: 102, role: 'a b', team: 'none', left: true, user: '../x' })).toEqual({
    q: '102',
    team: 'none',
    left: true,
  })
})
