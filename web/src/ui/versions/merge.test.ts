import { expect, test } from 'vitest'
import { changesOf, clashesOf } from './merge'

const base = { name: 'Ana', team: 'A', tags: ['x'] }

test('only what differs is sent', () => {
  expect(changesOf(base, { ...base })).toEqual({})
  expect(changesOf(base, { name: 'Eva', team: 'A', tags: ['x', 'y'] })).toEqual({ name: 'Eva', tags: ['x', 'y'] })
})

test('two clash where both changed the same field, and not to the same', () => {
  const mine = { ...base, name: 'Mine', team: 'B' }
  expect(clashesOf(base, mine, { ...base, tags: [] })).toEqual([])
  expect(clashesOf(base, mine, { ...base, name: 'Theirs' })).toEqual(['name'])
  expect(clashesOf(base, mine, { ...base, name: 'Mine', team: 'C' })).toEqual(['team'])
})
