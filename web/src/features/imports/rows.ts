import type { Mapping } from './job'

const SHOWN = 3
const LONGEST = 60

/** What a person knows a row by: the first of its cells that are taken in. */
export function calledIn(cells: readonly string[], mapping: Mapping): string {
  const taken = Object.values(mapping).sort((a, b) => a - b)
  const texts = [...new Set(taken)].map((index) => cells[index]?.trim()).filter(Boolean)
  return (texts.length ? texts : cells.filter((cell) => cell.trim())).slice(0, SHOWN).join(' · ')
}

/** What stands in the cell of the field, shortened. */
export function textOf(cells: readonly string[], mapping: Mapping, field: string): string {
  const index = mapping[field]
  const text = (index === undefined ? '' : (cells[index] ?? '')).trim()
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
