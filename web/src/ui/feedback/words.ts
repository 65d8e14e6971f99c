import type { TFunction } from 'i18next'
import { ApiProblem } from '~/api/problem'

/** What went wrong and what to do about it, in the user's language. The code decides; `detail` is English and stays out. */
export function wordsOf(error: unknown, t: TFunction): { title: string; advice: string } {
  const problem = error instanceof ApiProblem ? error : new ApiProblem(0, 'unexpected')
  const known = t(`problem.${problem.code as 'unexpected'}`, { returnObjects: true, defaultValue: null }) as unknown
  const words = (known ?? t('problem.unexpected', { returnObjects: true })) as { title: string; advice: string }
  return { title: words.title, advice: words.advice }
}

/** The correlation id by which an administrator finds what happened. */
export function traceOf(error: unknown): string | null {
  return error instanceof ApiProblem ? error.correlationId : null
}
