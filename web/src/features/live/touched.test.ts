import { expect, test } from 'vitest'
import { touchedBy } from './touched'

const hint = (subject: string) => ({ type: 'x', subject, id: '1', version: 2 })

test('a changed person makes their own card new and leaves the list that is being read alone', () => {
  expect(touchedBy(hint('person'))).toEqual([
    { key: ['card', 'person', '1'], now: true },
    { key: ['people'], now: false },
  ])
})

test('a moved deal is news for the board and for the open card', () => {
  expect(touchedBy(hint('deal')).map((each) => each.key[0])).toEqual(['card', 'board', 'deals'])
})

test('a file that was added is news for the card it may be on, its files and its history', () => {
  expect(touchedBy(hint('file')).map((each) => each.key[0])).toEqual(['card', 'files'])
})

test('a subject of tomorrow touches nothing', () => {
  expect(touchedBy(hint('invoice'))).toEqual([])
})
