import { expect, test } from 'vitest'
import { mainAmount, share } from './shares'

test('the longest bar is whole, a tiny one can still be seen, none is none', () => {
  expect([share(10, 10), share(1, 1000), share(0, 10), share(5, 0)]).toEqual([100, 2, 0, 0])
})

test('currencies are never added up: the largest is told, the others are owned up to', () => {
  expect(mainAmount({ EUR: '100.00', CHF: '250.00' })).toEqual({ currency: 'CHF', amount: 250, others: true })
  expect(mainAmount({ EUR: '1' })).toEqual({ currency: 'EUR', amount: 1, others: false })
  expect(mainAmount({})).toBeNull()
})
