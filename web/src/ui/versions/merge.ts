/** What a draft changes; only that is sent, so that nobody's change of another field is undone. */
export function changesOf<Draft extends object>(base: Draft, draft: Draft): Partial<Draft> {
  const changed = fieldsOf(draft).filter((field) => differs(base[field], draft[field]))
  return Object.fromEntries(changed.map((field) => [field, draft[field]])) as Partial<Draft>
}

/** The fields that I and somebody else changed differently since `base`. */
export function clashesOf<Draft extends object>(base: Draft, mine: Draft, theirs: Draft): (keyof Draft)[] {
  return fieldsOf(mine).filter(
    (field) =>
      differs(base[field], mine[field]) && differs(base[field], theirs[field]) && differs(mine[field], theirs[field]),
  )
}

function fieldsOf<Draft extends object>(draft: Draft): (keyof Draft)[] {
  return Object.keys(draft) as (keyof Draft)[]
}

function differs(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other)
}
