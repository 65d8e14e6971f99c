/** One field the server would not take. */
export interface FieldProblem {
  field: string
  code: string
  message: string
}

/** A refusal of the API (RFC 9457), or what stood in the way of any answer: `code` is stable, words are made from it. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string | null = null,
    readonly errors: readonly FieldProblem[] = [],
    readonly correlationId: string | null = null,
    readonly retryAfterS: number | null = null,
  ) {
    super(`${status} ${code}`)
    this.name = 'ApiProblem'
  }

  /** Whether asking once more may go better: the network, a restart, a busy server. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** The problem an answer tells of; one that is no problem document gets a code from its status. */
export async function problemOf(answer: Response): Promise<ApiProblem> {
  const wait = Number(answer.headers.get('retry-after'))
  const retryAfterS = Number.isFinite(wait) && wait > 0 ? wait : null
  try {
    const told = await answer.json()
    if (typeof told?.code === 'string') {
      const detail = typeof told.detail === 'string' ? told.detail : null
      const errors = Array.isArray(told.errors) ? told.errors : []
      return new ApiProblem(answer.status, told.code, detail, errors, told.correlation_id ?? null, retryAfterS)
    }
  } catch {
    // Not ours: a proxy's page, or half an answer.
  }
  return new ApiProblem(answer.status, answer.status >= 500 ? 'unavailable' : 'unexpected', null, [], null, retryAfterS)
}
