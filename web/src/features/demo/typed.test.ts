import { expect, test } from 'vitest'
import { isTyped } from './typed'

test('the word counts in any case, and nothing else does', () => {
  expect(isTyped(' Empty ', 'empty')).toBe(true)
  expect(isTyped('ОЧИСТИТЬ', 'очистить')).toBe(true)
  expect(isTyped('', 'empty')).toBe(false)
  expect(isTyped('emptyy', 'empty')).toBe(false)
})
