import type { Found } from './queries'

/** Something that can be gone to. */
export interface Choice {
  href: string
  label: string
  hint?: string
  face?: 'round' | 'square'
}

/** A page that can be gone to; one that is `onlyAsked` is offered to who types its name. */
export interface Place {
  to: string
  label: string
  onlyAsked?: boolean
}

export interface Group {
  word: 'people' | 'companies' | 'deals' | 'places'
  choices: Choice[]
}

const SHOWN = 6

/** What the box offers for a text: what was found, then the places whose name begins so. */
export function choicesOf(text: string, found: Found | undefined, places: readonly Place[]): Group[] {
  const reach = (card: { phones: { e164: string | null; raw: string }[]; emails: { address: string }[] }) =>
    card.phones[0]?.e164 ?? card.phones[0]?.raw ?? card.emails[0]?.address
  const groups: Group[] = [
    {
      word: 'people',
      choices: (found?.people ?? []).slice(0, SHOWN).map((person) => ({
        href: `/people/${person.id}`,
        label: person.name,
        hint: reach(person),
        face: 'round',
      })),
    },
    {
      word: 'companies',
      choices: (found?.companies ?? []).slice(0, SHOWN).map((company) => ({
        href: `/companies/${company.id}`,
        label: company.name,
        hint: reach(company),
        face: 'square',
      })),
    },
    {
      word: 'deals',
      // A deal is seen on its customer's card.
      choices: (found?.deals ?? [])
        .filter((deal) => deal.person_id !== null)
        .slice(0, SHOWN)
        .map((deal) => ({ href: `/people/${deal.person_id}?deal=${deal.id}`, label: deal.title })),
    },
    {
      word: 'places',
      choices: places
        .filter((place) => text || !place.onlyAsked)
        .filter((place) => place.label.toLowerCase().startsWith(text.toLowerCase()))
        .map((place) => ({ href: place.to, label: place.label })),
    },
  ]
  return groups.filter((group) => group.choices.length > 0)
}
