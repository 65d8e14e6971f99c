import type { TFunction } from 'i18next'

/** Sources the product itself writes; others are words of the company's own. */
export const SOURCES = ['call', 'manual', 'import'] as const

/** Where somebody came from, in words. */
export function sourceWord(source: string, t: TFunction): string {
  return SOURCES.includes(source as 'call') ? t(`source.${source as 'call'}`) : source
}
