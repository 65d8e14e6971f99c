import { expect, test } from 'vitest'
import { type Draft, patchOf, tidy } from './draft'

const draft: Draft = {
  name: ' Office ',
  fallback_user_id: 'u',
  api_url: ' ',
  trusted_networks: '10.0.0.0/8, 192.0.2.1\n\n',
  lines: [
    { number: ' +386 1 555 ', team_id: null, fallback_user_id: null },
    { number: ' ', team_id: 't', fallback_user_id: null },
  ],
}

test('blanks and empty lines are not sent', () => {
  const clean = tidy(draft)
  expect([clean.name, clean.api_url, clean.trusted_networks]).toEqual(['Office', null, '10.0.0.0/8\n192.0.2.1'])
  expect(clean.lines.map((line) => line.number)).toEqual(['+386 1 555'])
})

test('only what changed is sent, networks as a list', () => {
  expect(patchOf({ name: 'Office' })).toEqual({ name: 'Office' })
  expect(patchOf({ trusted_networks: '10.0.0.0/8\n192.0.2.1' })).toEqual({
    trusted_networks: ['10.0.0.0/8', '192.0.2.1'],
  })
  expect(patchOf({ trusted_networks: '' })).toEqual({ trusted_networks: [] })
})
