import type { Schemas } from '~/api/http'

export type Vendor = Schemas['Connection']['vendor']
export type Secret = 'api_key' | 'salt' | 'hook_secret' | 'hook_api_key'
export type Line = Schemas['LineAnswer']

export const VENDORS: readonly Vendor[] = ['mango', 'generic']
/** What each PBX proves itself with. */
export const SECRETS: Record<Vendor, readonly Secret[]> = {
  mango: ['api_key', 'salt'],
  generic: ['hook_secret', 'hook_api_key'],
}

/** A connection as its form holds it; networks one on a line. */
export interface Draft {
  name: string
  fallback_user_id: string
  api_url: string | null
  trusted_networks: string
  lines: Line[]
}

export function draftOf(connection: Schemas['Connection']): Draft {
  const { name, fallback_user_id, api_url, trusted_networks, lines } = connection
  return { name, fallback_user_id, api_url, trusted_networks: trusted_networks.join('\n'), lines }
}

/** Without outer blanks and empty lines. */
export function tidy(draft: Draft): Draft {
  return {
    ...draft,
    name: draft.name.trim(),
    api_url: draft.api_url?.trim() || null,
    trusted_networks: networksOf(draft.trusted_networks).join('\n'),
    lines: draft.lines.map((line) => ({ ...line, number: line.number.trim() })).filter((line) => line.number),
  }
}

/** As the API takes it. */
export function patchOf({ trusted_networks, ...rest }: Partial<Draft>): Schemas['ConnectionPatch'] {
  return trusted_networks === undefined ? rest : { ...rest, trusted_networks: networksOf(trusted_networks) }
}

export function networksOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean)
}
