import { api } from '~/api/http'
import type { Pop, PopChange } from './pops'
import type { Hint } from './touched'

/** What the live stream says. After `reset` or `lost` something may have been missed: what is shown is asked for anew. */
export type LiveEvent =
  | { name: 'snapshot'; data: { pops: Pop[]; unread_notices: { count: number; more: boolean } | null } }
  | { name: 'pop'; data: PopChange }
  | { name: 'change' | 'notice'; data: Hint }
  | { name: 'reset' | 'open' | 'lost'; data: null }

type Told = LiveEvent | { name: 'hello' | 'vacant'; data: null }

const NAMES = ['snapshot', 'pop', 'change', 'notice', 'reset'] as const
const LOCK = 'voronka.live'
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000

/**
 * Listens until the returned function is called. All tabs of a browser share one stream: one of them has it and tells
 * the others, and when it closes another takes over. `pops` are those shown here, for a tab that comes later.
 */
export function listen(hear: (event: LiveEvent) => void, pops: () => readonly Pop[]): () => void {
  const tabs = new BroadcastChannel('voronka.live')
  const over = new AbortController()
  let source: EventSource | null = null
  let waiting: ReturnType<typeof setTimeout> | undefined
  let failures = 0

  const tell = (event: Told) => tabs.postMessage(event)
  const say = (event: LiveEvent) => {
    hear(event)
    tell(event)
  }

  function lead(again = false) {
    const stream = new EventSource('/api/v1/live')
    source = stream
    stream.onopen = () => {
      failures = 0
      say({ name: 'open', data: null })
      // The browser resumes by itself; a stream made anew begins anew.
      if (again) say({ name: 'reset', data: null })
    }
    for (const name of NAMES) {
      stream.addEventListener(name, (event) => say({ name, data: JSON.parse(event.data) } as LiveEvent))
    }
    // Another stream of this session has begun: its tab tells us, and coming back would cut it.
    stream.addEventListener('replaced', () => stop())
    stream.onerror = () => {
      say({ name: 'lost', data: null })
      if (stream.readyState !== EventSource.CLOSED || source !== stream) return
      waiting = setTimeout(retry, Math.min(FIRST_WAIT_MS * 2 ** failures++, LONGEST_WAIT_MS))
    }
  }

  async function retry() {
    try {
      // Refused for good when the session is over: this says so to everybody who shows something.
      await api.GET('/api/v1/sessions/current')
    } catch {
      if (over.signal.aborted) return
    }
    if (!over.signal.aborted && source) lead(true)
  }

  function stop() {
    clearTimeout(waiting)
    source?.close()
    source = null
  }

  tabs.onmessage = ({ data: event }: MessageEvent<Told>) => {
    if (event.name === 'hello') {
      if (source) tell({ name: 'snapshot', data: { pops: [...pops()], unread_notices: null } })
    } else if (event.name === 'vacant') {
      if (!navigator.locks) waiting = setTimeout(() => source ?? lead(true), Math.random() * 400)
    } else hear(event as LiveEvent)
  }

  if (navigator.locks) {
    navigator.locks
      .request(LOCK, { signal: over.signal }, () => {
        lead()
        return new Promise<void>((done) => over.signal.addEventListener('abort', () => done()))
      })
      .catch(() => undefined) // given up while waiting for it
    tell({ name: 'hello', data: null })
  } else lead()

  const leave = () => source && tell({ name: 'vacant', data: null })
  window.addEventListener('pagehide', leave)
  return () => {
    window.removeEventListener('pagehide', leave)
    leave()
    stop()
    over.abort()
    tabs.close()
  }
}
