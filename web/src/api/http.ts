import createClient from 'openapi-fetch'
import type { components, paths } from './generated/schema'
import { ApiProblem, problemOf } from './problem'

export type Schemas = components['schemas']

type Listener = () => void
const onSessionOver = new Set<Listener>()

/** Calls `listener` whenever the server says that nobody is signed in any more. */
export function whenSessionIsOver(listener: Listener): () => void {
  onSessionOver.add(listener)
  return () => onSessionOver.delete(listener)
}

/** The one way to the server: the session's cookie goes along, and every refusal is thrown as an ApiProblem. */
async function send(request: Request): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(request)
  } catch (error) {
    if (request.signal.aborted) throw error
    throw new ApiProblem(0, navigator.onLine ? 'unreachable' : 'offline')
  }
  if (answer.ok) return answer
  throw await refusal(answer, request.url.endsWith('/api/v1/sessions'))
}

/** The problem an answer tells of; everybody hears when it is that the session is over, unless one was signing in. */
export async function refusal(answer: Response, signingIn = false): Promise<ApiProblem> {
  const problem = await problemOf(answer)
  if (problem.status === 401 && !signingIn) for (const listener of onSessionOver) listener()
  return problem
}

export const api = createClient<paths>({ fetch: send, credentials: 'same-origin' })

/** What the server answered; refusals were thrown before. */
export function body<T>(told: { data?: T }): T {
  return told.data as T
}

/** The header that makes a change fail when somebody else was faster. */
export function ifMatch(version: number): { 'if-match': string } {
  return { 'if-match': `"${version}"` }
}

/** A key by which the server knows a repeated request: the effect happens once. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Reads what an answer pointed to: a path of our own with its query. */
export async function follow<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await send(new Request(path, { credentials: 'same-origin', signal }))
  return (await answer.json()) as T
}
