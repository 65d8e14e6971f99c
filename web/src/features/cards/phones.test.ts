import { expect, test } from 'vitest'
import { isNameless, readable } from './phones'

test('a number is grouped as its country reads it', () => {
  expect(readable('+38640222001')).toBe('+386 40 222 001')
  expect(readable('+79161234567')).toBe('+7 916 123 45 67')
})

test('no digit is lost, whatever the length', () => {
  for (const number of ['+38612', '+386401', '+3864022200199', '+998901234567', '+12025550123']) {
    expect(readable(number).replace(/ /g, '')).toBe(number)
  }
})

test('what is no number is shown as it was typed', () => {
  expect(readable('ask for Ana')).toBe('ask for Ana')
})

test('a card called by its number has no name yet', () => {
  expect(isNameless('+386 41 135 480')).toBe(true)
  expect(isNameless('Ана 2')).toBe(false)
})
