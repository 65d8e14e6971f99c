import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GREYS, MEANINGS, REST, SIZES, SPACES } from './tokens'

const css = readFileSync(new URL('../../ui/theme/tokens.css', import.meta.url), 'utf8')
const named = (text: string) => new Set([...text.matchAll(/^\s+--([\w-]+):/gm)].map((match) => match[1]))

test('every value of the design language is shown on its page, and no other', () => {
  const shown = [
    ...GREYS,
    ...MEANINGS.flatMap((name) => [name, `${name}-soft`]),
    ...SIZES.map((size) => `text-${size}`),
    ...SPACES,
    ...REST,
  ]
  expect([...named(css)].sort()).toEqual([...shown].sort())
})

test('the dark has a colour of its own for each colour of the light', () => {
  const dark = named(css.slice(css.indexOf('"dark"')))
  for (const name of [...GREYS, ...MEANINGS]) expect([name, dark.has(name)]).toEqual([name, true])
})
