import { expect, test, vi } from 'vitest'
import { furtherOf } from './further'

const list = { hasNextPage: true, isFetchingNextPage: false, isFetchNextPageError: false }

test('at its end a list goes on nowhere', () => {
  expect(furtherOf({ ...list, hasNextPage: false, fetchNextPage: vi.fn() })).toBeNull()
})

test('a page is asked for once, however often one comes to the end', () => {
  const fetchNextPage = vi.fn()
  furtherOf({ ...list, fetchNextPage })?.load()
  furtherOf({ ...list, isFetchingNextPage: true, fetchNextPage })?.load()
  expect(fetchNextPage).toHaveBeenCalledTimes(1)
})

test('a page that could not be had is told, until it is asked for again', () => {
  const failed = { ...list, isFetchNextPageError: true, fetchNextPage: vi.fn() }
  expect(furtherOf(failed)?.broken).toBe(true)
  expect(furtherOf({ ...failed, isFetchingNextPage: true })?.broken).toBe(false)
})
