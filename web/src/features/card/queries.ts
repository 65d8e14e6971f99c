import { queryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from '~/api/http'

/** The company of a person, as much as the card shows. */
export interface CardCompany {
  id: string
  name: string
  owner_id: string | null
  phones: Schemas['PersonOut']['phones']
  emails: Schemas['PersonOut']['emails']
}

export type Timeline = Schemas['Page_TimelineItem_']

/** What is being done for a card: open deals, open tasks. */
export interface Work {
  deals: Schemas['DealOut'][]
  tasks: Schemas['TaskOut'][]
}

interface Screen {
  timeline: Timeline
  /** Null while deals are away. */
  work: Work | null
}

export interface PersonScreen extends Screen {
  person: Schemas['PersonOut']
  company: CardCompany | null
}

export interface CompanyScreen extends Screen {
  company: Schemas['CompanyOut']
  people: Schemas['PersonOut'][]
}

const AGAIN_MS = 3_000

/** A card that came without its deals asks again by itself until they are back. */
const untilWhole = (query: { state: { data?: Screen } }) => (query.state.data?.work === null ? AGAIN_MS : false)

async function screen<Card>(kind: 'person' | 'company', id: string, signal: AbortSignal): Promise<Card> {
  const told = body(await api.GET('/api/v1/card/{kind}/{id}', { params: { path: { kind, id } }, signal }))
  return { ...told.card, work: told.work } as Card
}

/** A person on one screen. */
export const personScreen = (id: string) =>
  queryOptions({
    queryKey: ['card', 'person', id],
    queryFn: ({ signal }) => screen<PersonScreen>('person', id, signal),
    refetchInterval: untilWhole,
  })

/** A company on one screen. */
export const companyScreen = (id: string) =>
  queryOptions({
    queryKey: ['card', 'company', id],
    queryFn: ({ signal }) => screen<CompanyScreen>('company', id, signal),
    refetchInterval: untilWhole,
  })
