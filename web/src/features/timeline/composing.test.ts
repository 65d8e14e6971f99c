import { expect, test } from 'vitest'
import { EMPTY, kindsFor, ready } from './composing'

const ALL = { 'person:update': 'own', 'company:update': 'own', 'task:create': 'own', 'message:create': 'own' }
const person = { kind: 'person', id: '1', phones: 1, emails: 1 } as const

test('one can only write where there is an address', () => {
  expect(kindsFor(person, ALL)).toEqual(['note', 'task', 'email', 'sms'])
  expect(kindsFor({ ...person, emails: 0 }, ALL)).toEqual(['note', 'task', 'sms'])
  expect(kindsFor({ ...person, kind: 'company' }, ALL)).toEqual(['note'])
})

test('one can only write what one may', () => {
  expect(kindsFor(person, { 'person:update': 'own' })).toEqual(['note'])
  expect(kindsFor(person, {})).toEqual([])
})

test('a mail needs a subject and words, a task a title and a time, a note its text', () => {
  expect(ready({ ...EMPTY, kind: 'email', text: 'Hello' })).toBe(false)
  expect(ready({ ...EMPTY, kind: 'email', title: 'Offer', text: 'Hello' })).toBe(true)
  expect(ready({ ...EMPTY, kind: 'task', title: 'Visit' })).toBe(false)
  expect(ready({ ...EMPTY, kind: 'task', title: 'Visit', due: '2026-11-23T09:00' })).toBe(true)
  expect(ready({ ...EMPTY, text: '  ' })).toBe(false)
})
