import i18next from 'i18next'
import { beforeEach, expect, test } from 'vitest'
import { ago, bytes, daysBetween, list, money, nearDay, talkTime } from './formats'

beforeEach(async () => {
  await i18next.init({ lng: 'en', resources: {} })
})

test('whole amounts are written without cents and others with two', () => {
  expect(money('2334.00', 'EUR')).toBe('€2,334')
  expect(money('389.5', 'EUR')).toBe('€389.50')
})

test('money is written as the language writes it', async () => {
  await i18next.changeLanguage('ru')
  expect(money('2334.00', 'EUR').replace(/\s/g, ' ')).toBe('2 334 €')
})

test('days are counted by midnights, not by hours', () => {
  expect(daysBetween(new Date(2026, 2, 28, 23, 59), new Date(2026, 2, 29, 0, 1))).toBe(1)
  expect(daysBetween(new Date(2026, 2, 29, 0, 1), new Date(2026, 2, 29, 23, 59))).toBe(0)
})

test('a near day is named by its distance and a far one by its date', () => {
  const now = new Date(2026, 10, 22, 12)
  expect(nearDay(new Date(2026, 10, 23, 9), now)).toBe('tomorrow')
  expect(nearDay(new Date(2026, 10, 20, 9), now)).toBe('2 days ago')
  expect(nearDay(new Date(2026, 9, 1, 9), now)).toBe('1 Oct')
  expect(nearDay(new Date(2025, 9, 1, 9), now)).toBe('1 Oct 2025')
})

test('what just happened is told in minutes, then in hours, then by its day', () => {
  const now = new Date(2026, 10, 22, 12, 0, 30)
  expect(ago(new Date(2026, 10, 22, 12), now)).toBe('now')
  expect(ago(new Date(2026, 10, 22, 12, 5), now)).toBe('now')
  expect(ago(new Date(2026, 10, 22, 11, 55), now)).toBe('5 minutes ago')
  expect(ago(new Date(2026, 10, 22, 10, 1), now)).toBe('1 hour ago')
  expect(ago(new Date(2026, 10, 20, 9), now)).toBe('2 days ago')
})

test('words in a row are joined as the language joins them', async () => {
  expect(list(['deals', 'tasks', 'calls'])).toBe('deals, tasks and calls')
  await i18next.changeLanguage('sl')
  expect(list(['posli', 'naloge'])).toBe('posli in naloge')
})

test('talk is told in minutes and seconds, hours when there are any', () => {
  expect(talkTime(245)).toBe('4:05')
  expect(talkTime(3729)).toBe('1:02:09')
  expect(talkTime(0)).toBe('0:00')
})

test('a size is written in the unit that reads best', async () => {
  expect([840, 48_213, 999_600, 2_412_000, 26_214_400].map(bytes)).toEqual([
    '840 byte',
    '48 kB',
    '1 MB',
    '2.4 MB',
    '26.2 MB',
  ])
  await i18next.changeLanguage('ru')
  expect(bytes(2_412_000).replace(/\s/g, ' ')).toBe('2,4 МБ')
})
