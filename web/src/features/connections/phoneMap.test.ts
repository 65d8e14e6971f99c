import { expect, test } from 'vitest'
import { bodyOf, mapOf, mergeMaps } from './phoneMap'

const map = (text: string) =>
  new Map(
    text
      .split(' ')
      .filter(Boolean)
      .map((pair) => pair.split(':') as [string, string]),
  )
const merged = (base: string, mine: string, theirs: string) => {
  const { map: found, clashes } = mergeMaps(map(base), map(mine), map(theirs))
  return [Object.fromEntries(found), clashes]
}

test('what only one of two touched goes through', () => {
  expect(merged('1:a 2:b', '1:a 2:c', '1:a 2:b 3:d')).toEqual([{ 1: 'a', 2: 'c', 3: 'd' }, []])
  expect(merged('1:a 2:b', '1:a', '1:x 2:b')).toEqual([{ 1: 'x' }, []])
})

test('what both changed alike is no clash, what they changed differently is', () => {
  expect(merged('1:a', '1:b', '1:b')).toEqual([{ 1: 'b' }, []])
  expect(merged('1:a', '1:b', '1:c')).toEqual([{ 1: 'b' }, ['1']])
  expect(merged('1:a', '', '1:c')).toEqual([{}, ['1']])
  expect(merged('', '1:b', '1:c')).toEqual([{ 1: 'b' }, ['1']])
})

test('merging with what nobody else changed gives mine, whatever the maps', () => {
  const all = ['', '1:a', '1:b', '2:a', '1:a 2:b', '1:b 2:a 3:c']
  for (const base of all)
    for (const mine of all) expect(merged(base, mine, base)).toEqual([Object.fromEntries(map(mine)), []])
})

test('empty rows are none, half-filled and doubled ones stop the form', () => {
  expect(
    mapOf([
      { extension: ' 101 ', user_id: 'a' },
      { extension: '', user_id: null },
    ]),
  ).toEqual(map('101:a'))
  expect(mapOf([{ extension: '101', user_id: null }])).toBeNull()
  expect(mapOf([{ extension: '1 01', user_id: 'a' }])).toBeNull()
  expect(
    mapOf([
      { extension: '1', user_id: 'a' },
      { extension: '1', user_id: 'b' },
    ]),
  ).toBeNull()
  expect(bodyOf(map('101:a'))).toEqual([{ extension: '101', user_id: 'a' }])
})
