import { expect, test } from 'vitest'
import type { Sales } from './queries'
import { sorted } from './sorting'

const group = (key: string, worth: string, won: number, win_rate: string | null) =>
  ({ key, won: { count: won, amounts: { EUR: worth } }, lost: { count: 0 }, win_rate }) as unknown as Sales['groups'][0]
const groups = [group('a', '90.00', 9, null), group('b', '1000.00', 1, '0.0'), group('c', '90.00', 3, '0.75')]
const order = (by: Parameters<typeof sorted>[1]) =>
  sorted(groups, by)
    .map(({ key }) => key)
    .join('')

test('worth is compared as a number, and equals stay as they came', () => {
  expect(order('won')).toBe('bac')
  expect(order('deals')).toBe('acb')
})

test('who closed nothing comes after who won none', () => {
  expect(order('rate')).toBe('cba')
})
