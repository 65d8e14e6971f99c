import type { TFunction } from 'i18next'
import type { Kind } from './kinds'

/** The name of a field in the user's language; the server's own where it is newer than this page. */
export function fieldWord(t: TFunction, kind: Kind, name: string, label = name): string {
  return t(`imports.field.${kind}.${name}` as 'imports.field.people.name', { defaultValue: label })
}

/** Why a row is refused or in doubt; what the server says where it is newer than this page. */
export function reasonWord(t: TFunction, code: string, message: string): string {
  return t(`imports.reason.${code}` as 'imports.reason.required', { defaultValue: message })
}

export function refusalWord(t: TFunction, code: string, message: string | null): string {
  return t(`imports.refusal.${code}` as 'imports.refusal.empty_file', { defaultValue: message ?? code })
}

export function noteWord(t: TFunction, code: string, message: string): string {
  return t(`imports.note.${code}` as 'imports.note.ragged_rows', { defaultValue: message })
}
