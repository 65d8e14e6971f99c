import { expect, test } from 'vitest'
import { initials } from './initials'

test('a name stands as the first letters of its first and last word', () => {
  expect(initials('Mojca Golob')).toBe('MG')
  expect(initials('  Ана  Мария  Иванова ')).toBe('АИ')
  expect(initials('Hotel')).toBe('H')
})

test('a caller known by number only gets a sign of its own', () => {
  expect(initials('+386 41 123 456')).toBe('#')
  expect(initials('')).toBe('#')
})
