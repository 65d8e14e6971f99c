import { useTranslation } from 'react-i18next'
import { type Meaning, Pill } from '~/ui/Pill'
import type { Job } from './job'

const MEANING: Record<Job['state'], Meaning> = {
  reading: 'accent',
  ready: 'warn',
  checking: 'accent',
  checked: 'warn',
  running: 'accent',
  done: 'good',
  cancelled: 'plain',
  undoing: 'accent',
  undone: 'plain',
  failed: 'bad',
}

/** How far an import is, in a word. */
export function StatePill({ job }: { job: Job }) {
  const { t } = useTranslation()
  return <Pill meaning={MEANING[job.state]}>{t(`imports.stateWord.${job.state}`)}</Pill>
}
