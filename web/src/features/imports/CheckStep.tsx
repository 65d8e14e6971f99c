import { Button, Switch } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Section } from '~/ui/Section'
import classes from './Imports.module.css'
import { doubts, type Job, made, percent } from './job'
import type { Kind } from './kinds'
import { Progressing } from './Progressing'
import { useAct, useChange } from './queries'
import { Rows } from './Rows'
import { StepHeading } from './Steps'
import { Tiles } from './Tiles'
import { Told } from './Told'
import { reasonWord } from './words'

const route = getRouteApi('/inside/imports/$kind/$id')

/** The file tried dry: what each row would do, and why some would not. */
export function CheckStep({ kind, job }: { kind: Kind; job: Job }) {
  const { t } = useTranslation()
  const navigate = route.useNavigate()
  const act = useAct(kind, job.id)
  const change = useChange(kind, job.id)
  const checking = job.state === 'checking'
  const writable = made(job.counts)
  const found = doubts(job.counts)
  const skipped = new Set(job.skipped_doubts)
  const sure = found.every(({ code }) => !skipped.has(code))

  function leaveOut(code: string, out: boolean) {
    const rest = job.skipped_doubts.filter((each) => each !== code)
    change.mutate({ skipped_doubts: out ? [...rest, code] : rest })
  }

  return (
    <section className={classes.step}>
      <StepHeading title={t(checking ? 'imports.checking' : 'imports.checked')}>{t('imports.checkText')}</StepHeading>
      {checking && (
        <Progressing
          label={t('imports.lookedAt')}
          share={percent(job)}
          detail={t('imports.of', { done: job.done, total: job.total })}
        />
      )}
      <Tiles job={job} />
      {checking ? (
        <div>
          <Button variant="default" loading={act.isPending} onClick={() => act.mutate('cancel')}>
            {t('imports.stop')}
          </Button>
        </div>
      ) : (
        <>
          {found.length > 0 && (
            <Section title={t('imports.doubts')}>
              <p className={classes.lead}>{t('imports.doubtsText')}</p>
              <ul className={classes.lines}>
                {found.map(({ code, count }) => (
                  <li key={code}>
                    <span>
                      {reasonWord(t, code, code)} <b className="num">{t('imports.rows', { count })}</b>
                    </span>
                    <Switch
                      label={t('imports.skip')}
                      checked={skipped.has(code)}
                      onChange={(event) => leaveOut(code, event.currentTarget.checked)}
                    />
                  </li>
                ))}
              </ul>
            </Section>
          )}
          <Rows kind={kind} job={job} />
          {!writable && (
            <Told meaning="warn" title={t('imports.nothingToWrite')}>
              {t('imports.nothingToWriteText')}
            </Told>
          )}
          <footer className={classes.actions}>
            <Button
              variant="default"
              onClick={() => navigate({ search: (all) => ({ ...all, step: 'mapping' }), replace: true })}
            >
              {t('imports.backToMapping')}
            </Button>
            <Button
              disabled={!writable}
              loading={act.isPending || change.isPending}
              onClick={() => act.mutate('commit')}
            >
              {sure ? t('imports.write', { count: writable }) : t('imports.writeRest')}
            </Button>
          </footer>
        </>
      )}
    </section>
  )
}
