import { api } from '~/api/http'

export const KINDS = ['note', 'task', 'email', 'sms'] as const
export type Kind = (typeof KINDS)[number]

/** Whose history is written to, and how they can be reached. */
export interface Target {
  kind: 'person' | 'company'
  id: string
  phones: number
  emails: number
}

export interface Draft {
  kind: Kind
  title: string
  text: string
  /** As a date-and-time field holds it. */
  due: string
}

export const EMPTY: Draft = { kind: 'note', title: '', text: '', due: '' }

/** What may be written: notes by who may change the card; the rest to people, messages where there is an address. */
export function kindsFor(target: Target, grants: Record<string, unknown>): Kind[] {
  const person = target.kind === 'person'
  const may: Record<Kind, boolean> = {
    note: `${target.kind}:update` in grants,
    task: person && 'task:create' in grants,
    email: person && target.emails > 0 && 'message:create' in grants,
    sms: person && target.phones > 0 && 'message:create' in grants,
  }
  return KINDS.filter((kind) => may[kind])
}

/** Whether nothing is missing. */
export function ready({ kind, title, text, due }: Draft): boolean {
  if (kind === 'task') return title.trim() !== '' && due !== ''
  return text.trim() !== '' && (kind !== 'email' || title.trim() !== '')
}

/** The draft is on its way to its owner; the same key twice is written once. */
export async function send(target: Target, { kind, title, text, due }: Draft, key: string): Promise<void> {
  const params = { header: { 'idempotency-key': key } }
  if (kind === 'note') {
    await api.POST('/api/v1/notes', {
      params,
      body: { subject: target.kind, subject_id: target.id, text: text.trim() },
    })
  } else if (kind === 'task') {
    const due_at = new Date(due).toISOString()
    await api.POST('/api/v1/tasks', {
      params,
      body: { title: title.trim(), note: text.trim(), due_at, person_id: target.id },
    })
  } else {
    const words = kind === 'email' ? { subject: title.trim(), text } : { text }
    await api.POST('/api/v1/messages', { params, body: { channel: kind, person_id: target.id, ...words } })
  }
}
