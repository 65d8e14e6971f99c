export const KINDS = ['people', 'companies', 'deals', 'products', 'users', 'teams'] as const
export type Kind = (typeof KINDS)[number]

export const isKind = (text: unknown): text is Kind => KINDS.includes(text as Kind)

/** What one must have been granted to take in a file of the kind, as its owner asks for it. */
export const NEEDED: Record<Kind, readonly string[]> = {
  people: ['person:create'],
  companies: ['company:create'],
  deals: ['deal:create', 'deal:update'],
  products: ['product:create', 'product:update'],
  users: ['user:create'],
  teams: ['team:create'],
}

/** One of these opens the imports. */
export const ANY_KIND: readonly string[] = KINDS.map((kind) => NEEDED[kind][0] ?? '')

/** The kinds somebody with these grants may take in, in the order they are offered. */
export function allowed(grants: Readonly<Record<string, unknown>>): Kind[] {
  return KINDS.filter((kind) => NEEDED[kind].every((grant) => grant in grants))
}
