import { expect, test } from 'vitest'
import type { User } from '~/features/users'
import { membersOf, moves } from './members'

const user = (id: string, team_id: string | null, active = true) => ({ id, team_id, active }) as User
const staff = [user('ana', 'A'), user('boris', 'A'), user('cene', 'B'), user('dana', null), user('old', 'A', false)]
const said = (wanted: string[]) => moves(staff, 'A', wanted).map(([each, to]) => `${each.id}:${to}`)

test('only who changes teams is moved, those who left stay where they were', () => {
  expect(said(['ana', 'boris'])).toEqual([])
  expect(said(['ana', 'cene', 'dana'])).toEqual(['cene:A', 'dana:A', 'boris:null'])
  expect(said([])).toEqual(['ana:null', 'boris:null'])
})

test('who left is no member', () => {
  expect(membersOf(staff, 'A').map((each) => each.id)).toEqual(['ana', 'boris'])
})
