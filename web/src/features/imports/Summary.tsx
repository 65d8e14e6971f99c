import { useTranslation } from 'react-i18next'
import { type Job, tallies } from './job'
import { refusalWord } from './words'

/** What came of an import, in half a line. */
export function Summary({ job }: { job: Job }) {
  const { t } = useTranslation()
  if (job.failure) return refusalWord(t, job.failure.code, job.failure.message)
  if (job.state === 'reading' || job.state === 'ready') return t('imports.rows', { count: job.total })
  return tallies(job)
    .filter(({ count, word }) => count > 0 && word !== 'same')
    .map(({ word, count }) => `${t(`imports.tally.${word}`)}: ${count}`)
    .join(', ')
}
