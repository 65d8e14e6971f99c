import type { TFunction } from 'i18next'
import { ApiProblem } from '~/api/problem'

interface Words {
  title: string
  advice: string
}

/** What went wrong and what to do about it, in the user's language. The code decides; `detail` is English and stays out. */
export function wordsOf(error: unknown, t: TFunction): Words {
  const problem = error instanceof ApiProblem ? error : new ApiProblem(0, 'unexpected')
  // A refused field says more than "some field is refused".
  for (const code of [problem.errors[0]?.code, problem.code, 'unexpected']) {
    const words = code && t(`problem.${code as 'unexpected'}`, { returnObjects: true, defaultValue: null })
    if (words && typeof words === 'object') return words as Words
  }
  return { title: problem.code, advice: '' }
}

/** The correlation id by which an administrator finds what happened. */
export function traceOf(error: unknown): string | null {
  return error instanceof ApiProblem ? error.correlationId : null
}
