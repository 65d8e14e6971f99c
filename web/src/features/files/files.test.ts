import { expect, test } from 'vitest'
import { hasThumbnail, lookOf, MAX_BYTES, nameFor, opens, refusalOf, shownName } from './files'

test('an empty file and one over the bound are refused before they are sent', () => {
  expect(refusalOf({ size: 0 })).toBe('empty_file')
  expect(refusalOf({ size: MAX_BYTES })).toBeNull()
  expect(refusalOf({ size: MAX_BYTES + 1 })).toBe('too_large_file')
})

test.each([
  ['Načrt 🏠.pdf', 'Načrt 🏠.pdf'],
  ['a/b\\c.png', 'a_b_c.png'],
  ['a\u0000b\n.png', 'ab.png'],
  ['..', 'file'],
  [' ', 'file'],
  [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(196)}.pdf`],
  ['🏠'.repeat(300), '🏠'.repeat(200)],
])('%j is sent as %j', (name, sent) => {
  expect(nameFor(name)).toBe(sent)
})

test('a name that reads backwards is shown forwards', () => {
  expect(shownName('photo\u202egpj.exe')).toBe('photogpj.exe')
  expect(shownName('שלום.pdf')).toBe('שלום.pdf')
})

test('what is no safe image has no thumbnail and is not opened', () => {
  expect(hasThumbnail({ media_type: 'image/png', size: 1000 })).toBe(true)
  expect(hasThumbnail({ media_type: 'image/png', size: 3 * 1024 * 1024 })).toBe(false)
  expect(hasThumbnail({ media_type: 'image/svg+xml', size: 1000 })).toBe(false)
  expect(hasThumbnail({ media_type: 'application/pdf', size: 1000 })).toBe(false)
  expect(['application/pdf', 'text/plain; charset=utf-8', 'text/html'].map(opens)).toEqual([true, false, false])
})

test('a file looks like what it is', () => {
  const office = 'application/vnd.openxmlformats-officedocument'
  expect(lookOf(`${office}.spreadsheetml.sheet`)).toBe('sheet')
  expect(lookOf(`${office}.wordprocessingml.document`)).toBe('words')
  expect(lookOf('application/octet-stream')).toBe('other')
})
