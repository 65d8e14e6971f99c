import type { Schemas } from '~/api/http'

type Card = Pick<Schemas['PersonOut'], 'name' | 'owner_id' | 'phones' | 'emails'>
type PhoneKind = NonNullable<Schemas['PhoneInput']['kind']>

/** A card as a form holds it. */
export interface Draft {
  name: string
  owner_id: string | null
  phones: { raw: string; kind: PhoneKind }[]
  emails: { address: string }[]
}

export type Field = keyof Draft
export const FIELDS: readonly Field[] = ['name', 'owner_id', 'phones', 'emails']

export const PHONE_KINDS: readonly PhoneKind[] = ['mobile', 'work', 'home', 'other']

/** What a form begins with. */
export function draftOf(card: Card): Draft {
  return {
    name: card.name,
    owner_id: card.owner_id,
    phones: card.phones.map(({ e164, raw, kind }) => ({ raw: e164 ?? raw, kind: kind as PhoneKind })),
    emails: card.emails.map(({ address }) => ({ address })),
  }
}

/** The draft without empty rows and outer blanks. */
export function tidy(draft: Draft): Draft {
  return {
    ...draft,
    name: draft.name.trim(),
    phones: draft.phones.map((phone) => ({ ...phone, raw: phone.raw.trim() })).filter((phone) => phone.raw),
    emails: draft.emails.map((email) => ({ address: email.address.trim() })).filter((email) => email.address),
  }
}

/** What a draft changes; only that is sent, so that nobody's change of another field is undone. */
export function patchOf(base: Draft, draft: Draft): Partial<Draft> {
  return Object.fromEntries(FIELDS.filter((field) => differs(base, draft, field)).map((field) => [field, draft[field]]))
}

/** The fields that I and somebody else changed differently since `base`. */
export function clashes(base: Draft, mine: Draft, theirs: Draft): Field[] {
  return FIELDS.filter(
    (field) => differs(base, mine, field) && differs(base, theirs, field) && differs(mine, theirs, field),
  )
}

function differs(one: Draft, other: Draft, field: Field): boolean {
  return JSON.stringify(one[field]) !== JSON.stringify(other[field])
}
