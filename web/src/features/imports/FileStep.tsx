import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import classes from './Imports.module.css'
import type { Job } from './job'
import type { Kind } from './kinds'
import { Progressing } from './Progressing'
import { useAct } from './queries'
import { ReadAs } from './ReadAs'
import { StepHeading } from './Steps'
import { Told } from './Told'
import { refusalWord } from './words'

/** Another way to read the file may help against these; against the others only another file does. */
const OTHERWISE = ['unknown_encoding', 'nul_character', 'unclosed_quotation', 'header_missing', 'no_such_sheet']

/** The file is being read, or can not be. */
export function FileStep({ kind, job }: { kind: Kind; job: Job }) {
  const { t } = useTranslation()
  const act = useAct(kind, job.id)
  if (!job.failure) {
    return (
      <section className={classes.step}>
        <StepHeading title={t('imports.reading')}>{t('imports.readingText')}</StepHeading>
        <Progressing label={job.file_name} share={null} />
        <div>
          <Button variant="default" loading={act.isPending} onClick={() => act.mutate('cancel')}>
            {t('common.cancel')}
          </Button>
        </div>
      </section>
    )
  }
  const { code, message, row } = job.failure
  return (
    <section className={classes.step}>
      <StepHeading title={t('imports.unreadable')} />
      <Told meaning="bad" title={refusalWord(t, code, message)}>
        {row && t('imports.inRow', { row })}
      </Told>
      {OTHERWISE.includes(code) && (
        <>
          <p className={classes.lead}>{t('imports.readOtherwise')}</p>
          <ReadAs kind={kind} job={job} />
        </>
      )}
      <div>
        <Button renderRoot={(props) => <Link to="/imports/new" search={{ kind }} {...props} />}>
          {t('imports.otherFile')}
        </Button>
      </div>
    </section>
  )
}
