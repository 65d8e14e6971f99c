import type { Schemas } from '~/api/http'
import type { Meaning } from '~/ui/Pill'

export type Item = Schemas['TimelineItem']

type Call = Pick<
  Schemas['Call'],
  'direction' | 'phase' | 'result' | 'talk_s' | 'answered_by' | 'responsible_user_id' | 'line' | 'outcome'
>
type Task = Pick<Schemas['TaskOut'], 'kind' | 'status' | 'due_at' | 'misses' | 'completed_by'>
type Note = { author_id: string; subject: 'person' | 'company' | 'deal' }
type Attached = Pick<Schemas['FileOut'], 'id' | 'author_id' | 'size' | 'media_type'>
type Message = Pick<Schemas['MessageOut'], 'channel' | 'status' | 'error'>
type Move = Pick<Schemas['DealOut'], 'id' | 'amount' | 'currency' | 'outcome' | 'loss_reason' | 'stage_id'> & {
  from_stage_id?: string
  to_stage_id?: string
}

/** One line of the history as a view needs it. Words that a person wrote are null once they were erased. */
export type Event =
  | { kind: 'call'; mark: 'in' | 'out' | 'missed'; call: Call; phone: string | null }
  | { kind: 'task'; task: Task; title: string | null; note: string | null }
  | { kind: 'message'; message: Message; subject: string | null; text: string | null; failed: boolean }
  | { kind: 'note'; note: Note; text: string | null }
  | { kind: 'file'; file: Attached; name: string | null }
  | { kind: 'deal'; deal: Move; title: string | null; from: string | null; to: string; meaning: Meaning }

const MISSED = new Set(['missed', 'abandoned_in_queue', 'abandoned_in_ivr', 'no_answer', 'busy', 'failed', 'cancelled'])

/** What an item of the history tells. */
export function eventOf(item: Item): Event {
  const pii = (item.pii ?? {}) as Record<string, string | null | undefined>
  const data: unknown = item.data
  switch (item.kind) {
    case 'call': {
      const call = data as Call
      const mark = call.result && MISSED.has(call.result) ? 'missed' : call.direction === 'out' ? 'out' : 'in'
      return { kind: 'call', mark, call, phone: pii.phone ?? pii.phone_raw ?? null }
    }
    case 'task':
      return { kind: 'task', task: data as Task, title: pii.title ?? null, note: pii.note || null }
    case 'message': {
      const message = data as Message
      const failed = message.status === 'failed' || message.status === 'uncertain'
      return { kind: 'message', message, subject: pii.subject ?? null, text: pii.text ?? null, failed }
    }
    case 'note':
      return { kind: 'note', note: data as Note, text: pii.text ?? null }
    case 'file':
      return { kind: 'file', file: data as Attached, name: pii.name ?? null }
    default: {
      const deal = data as Move
      const from = item.kind === 'deal_stage_changed' ? (deal.from_stage_id ?? null) : null
      const meaning = deal.outcome === 'won' ? 'good' : deal.outcome === 'lost' ? 'bad' : 'plain'
      return { kind: 'deal', deal, title: pii.title ?? null, from, to: deal.to_stage_id ?? deal.stage_id, meaning }
    }
  }
}

/** The items in groups of one day each, in the order they come. */
export function byDay(items: readonly Item[]): { day: string; items: Item[] }[] {
  const groups: { day: string; items: Item[] }[] = []
  for (const item of items) {
    const day = new Date(item.happened_at).toDateString()
    const last = groups.at(-1)
    if (last?.day === day) last.items.push(item)
    else groups.push({ day, items: [item] })
  }
  return groups
}
