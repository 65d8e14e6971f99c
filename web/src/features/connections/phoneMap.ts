/** Whose each extension is. */
export type PhoneMap = ReadonlyMap<string, string>

export interface Merged {
  map: PhoneMap
  /** What I and somebody else changed differently: mine stands in `map` until it is chosen. */
  clashes: string[]
}

/** My changes since `base` over theirs: extensions only one of us touched go through. */
export function mergeMaps(base: PhoneMap, mine: PhoneMap, theirs: PhoneMap): Merged {
  const map = new Map(theirs)
  const clashes: string[] = []
  for (const extension of new Set([...base.keys(), ...mine.keys()])) {
    const [was, now, other] = [base.get(extension), mine.get(extension), theirs.get(extension)]
    if (now === was) continue
    if (other !== was && other !== now) clashes.push(extension)
    if (now === undefined) map.delete(extension)
    else map.set(extension, now)
  }
  return { map, clashes: clashes.sort() }
}

export const VALID = /^[0-9A-Za-z*#._-]{1,20}$/

/** The rows of a form as a map; null while a row is half filled, unreadable, or an extension stands there twice. */
export function mapOf(rows: readonly { extension: string; user_id: string | null }[]): PhoneMap | null {
  const map = new Map<string, string>()
  for (const { extension, user_id } of rows) {
    const written = extension.trim()
    if (!written && !user_id) continue
    if (!VALID.test(written) || !user_id || map.has(written)) return null
    map.set(written, user_id)
  }
  return map
}

/** As the API takes it. */
export function bodyOf(map: PhoneMap): { extension: string; user_id: string }[] {
  return [...map].map(([extension, user_id]) => ({ extension, user_id }))
}
