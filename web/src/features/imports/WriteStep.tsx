import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './Imports.module.css'
import { type Job, percent } from './job'
import type { Kind } from './kinds'
import { Progressing } from './Progressing'
import { useAct } from './queries'
import { StepHeading } from './Steps'
import { Tiles } from './Tiles'

/** The rows are being written; one may leave, or stop. */
export function WriteStep({ kind, job }: { kind: Kind; job: Job }) {
  const { t } = useTranslation()
  const act = useAct(kind, job.id)
  return (
    <section className={classes.step}>
      <StepHeading title={t('imports.writing')}>{t('imports.writingText')}</StepHeading>
      <Progressing
        label={t('imports.written')}
        share={percent(job)}
        detail={t('imports.of', { done: job.done, total: job.total })}
      />
      <Tiles job={job} />
      <div>
        <Button variant="default" loading={act.isPending} onClick={() => act.mutate('cancel')}>
          {t('imports.stop')}
        </Button>
      </div>
    </section>
  )
}
