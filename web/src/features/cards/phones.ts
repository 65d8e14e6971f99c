const SHAPES: readonly [code: string, groups: readonly number[]][] = [
  ['386', [2, 3, 3]],
  ['385', [2, 3, 4]],
  ['43', [3, 3, 4]],
  ['39', [3, 3, 4]],
  ['49', [3, 3, 5]],
  ['7', [3, 3, 2, 2]],
  ['1', [3, 3, 4]],
]

/** An international number in groups that can be read aloud; what is no such number stays as it is. */
export function readable(number: string): string {
  if (!/^\+\d{7,15}$/.test(number)) return number
  const digits = number.slice(1)
  const shape = SHAPES.find(([code]) => digits.startsWith(code))
  const code = shape?.[0] ?? digits.slice(0, digits.length > 10 ? 3 : 2)
  let rest = digits.slice(code.length)
  const parts: string[] = []
  for (const length of shape?.[1] ?? [3, 3, 3, 3]) {
    if (!rest) break
    parts.push(rest.slice(0, length))
    rest = rest.slice(length)
  }
  if (rest) parts.push((parts.pop() ?? '') + rest)
  return `+${code} ${parts.join(' ')}`
}

/** Whether a card is still called by its number: whoever rang has not been asked for a name yet. */
export function isNameless(name: string): boolean {
  return !/\p{L}/u.test(name)
}
