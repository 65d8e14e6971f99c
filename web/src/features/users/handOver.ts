import { api, body, ifMatch } from '~/api/http'
import { ApiProblem } from '~/api/problem'

/** What a colleague has open: it stays theirs, and waits, until somebody else gets it. */
export interface OpenWork {
  deals: { id: string; version: number }[]
  tasks: { id: string; version: number }[]
}

const PAGE = 200

/** Everything open of a user. */
export async function openWorkOf(owner_id: string, signal?: AbortSignal): Promise<OpenWork> {
  const deals = pages((cursor) =>
    api.GET('/api/v1/deals', { params: { query: { owner_id, outcome: 'open', limit: PAGE, cursor } }, signal }),
  )
  const tasks = pages((cursor) =>
    api.GET('/api/v1/tasks', { params: { query: { owner_id, status: 'open', limit: PAGE, cursor } }, signal }),
  )
  return { deals: await deals, tasks: await tasks }
}

type Page<Row> = { items: Row[]; next_cursor?: string | null }

async function pages<Row>(ask: (cursor?: string) => Promise<{ data?: Page<Row> }>): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | undefined
  do {
    const page = body(await ask(cursor))
    rows.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor)
  return rows
}

/** All of it is the other's, one by one; `done` hears after each. What somebody changes meanwhile is theirs to keep. */
export async function handOver(work: OpenWork, owner_id: string, done: (count: number) => void): Promise<void> {
  const steps = [
    ...work.deals.map(
      ({ id, version }) =>
        () =>
          api.PATCH('/api/v1/deals/{id}', { params: { path: { id }, header: ifMatch(version) }, body: { owner_id } }),
    ),
    ...work.tasks.map(
      ({ id, version }) =>
        () =>
          api.PATCH('/api/v1/tasks/{id}', { params: { path: { id }, header: ifMatch(version) }, body: { owner_id } }),
    ),
  ]
  let count = 0
  for (const step of steps) {
    await patiently(step)
    done(++count)
  }
}

const GONE = new Set(['not_found', 'stale_version', 'task_done'])

/** Runs one step; told to wait it waits, and what was changed meanwhile is let be. */
export async function patiently(step: () => Promise<unknown>, sleep = pause): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await step()
      return
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error
      if (GONE.has(error.code)) return
      if (error.status !== 429 || tries >= 5) throw error
      await sleep((error.retryAfterS ?? 1) * 1000)
    }
  }
}

const pause = (ms: number) => new Promise<void>((go) => setTimeout(go, ms))
