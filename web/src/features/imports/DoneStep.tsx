import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { dayAndTime } from '~/ui/formats'
import classes from './Imports.module.css'
import { canUndo, type Job, made } from './job'
import type { Kind } from './kinds'
import { Progressing } from './Progressing'
import { resultPath } from './queries'
import { Rows } from './Rows'
import { StepHeading } from './Steps'
import { Tiles } from './Tiles'
import { Told } from './Told'
import { UndoButton } from './UndoButton'
import { refusalWord } from './words'

/** How it ended, what came of it, and how to take it back. */
export function DoneStep({ kind, job }: { kind: Kind; job: Job }) {
  const { t } = useTranslation()
  const { state, failure, finished_at: ended } = job
  const undoing = state === 'undoing'
  return (
    <section className={classes.step}>
      <StepHeading title={t(`imports.end.${state as 'done'}`)}>{ended ? dayAndTime(ended) : undefined}</StepHeading>
      {failure && (
        <Told meaning="bad" title={refusalWord(t, failure.code, failure.message)}>
          {made(job.counts) > 0 && t('imports.failedText')}
        </Told>
      )}
      {state === 'cancelled' && made(job.counts) > 0 && (
        <Told meaning="warn" title={t('imports.stopped', { done: job.done, total: job.total })}>
          {t('imports.stoppedText')}
        </Told>
      )}
      {undoing && (
        <Progressing label={t('imports.undoing')} share={null} detail={t('imports.rows', { count: job.done })} />
      )}
      {state === 'undone' && !job.counts.kept && <Told meaning="good" title={t('imports.allBack')} />}
      {state === 'undone' && Boolean(job.counts.kept) && (
        <Told meaning="warn" title={t('imports.keptTitle', { count: job.counts.kept ?? 0 })}>
          {t('imports.keptText')}
        </Told>
      )}
      {(ended || undoing) && <Tiles job={job} />}
      {ended && !undoing && <Rows kind={kind} job={job} />}
      {!undoing && (
        <footer className={classes.actions}>
          {canUndo(job) ? <UndoButton kind={kind} job={job} /> : <span />}
          {ended && (
            <Button
              component="a"
              href={resultPath(job)}
              download
              variant="default"
              leftSection={<IconDownload size={16} stroke={1.8} />}
            >
              {t('imports.result')}
            </Button>
          )}
          {state === 'done' ? <ToList kind={kind} /> : <Again kind={kind} />}
        </footer>
      )}
    </section>
  )
}

function Again({ kind }: { kind: Kind }) {
  const { t } = useTranslation()
  return (
    <Button renderRoot={(props) => <Link to="/imports/new" search={{ kind }} {...props} />}>{t('imports.new')}</Button>
  )
}

/** To what was taken in, as near as its list can be narrowed. */
function ToList({ kind }: { kind: Kind }) {
  const { t } = useTranslation()
  switch (kind) {
    case 'people':
      return (
        <Button renderRoot={(props) => <Link to="/people" search={{ source: 'import', since: 'today' }} {...props} />}>
          {t('imports.toList.people')}
        </Button>
      )
    case 'companies':
      return (
        <Button renderRoot={(props) => <Link to="/companies" search={{ since: 'today' }} {...props} />}>
          {t('imports.toList.companies')}
        </Button>
      )
    case 'deals':
      return (
        <Button component={Link} to="/deals">
          {t('imports.toList.deals')}
        </Button>
      )
    default:
      return <Again kind={kind} />
  }
}
