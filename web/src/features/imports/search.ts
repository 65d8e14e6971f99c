import { SIGHTS, type Sight } from './job'
import { isKind, type Kind } from './kinds'

/** What the address of one import says beside its id: gone back to the mapping, and which rows are shown. */
export interface ImportSearch {
  step?: 'mapping'
  rows?: Sight
}

export function importSearch(search: Record<string, unknown>): ImportSearch {
  const found: ImportSearch = {}
  if (search.step === 'mapping') found.step = 'mapping'
  if (SIGHTS.includes(search.rows as Sight)) found.rows = search.rows as Sight
  return found
}

export const newImportSearch = (search: Record<string, unknown>): { kind?: Kind } =>
  isKind(search.kind) ? { kind: search.kind } : {}
