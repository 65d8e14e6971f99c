import { Button, Select } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Section } from '~/ui/Section'
import classes from './Imports.module.css'
import { assigned, fieldOf, type Job, lacking } from './job'
import type { Kind } from './kinds'
import mapping from './Mapping.module.css'
import { useAct, useChange } from './queries'
import { ReadAs } from './ReadAs'
import { StepHeading } from './Steps'
import { Told } from './Told'
import { WholeFile } from './WholeFile'
import { fieldWord, noteWord } from './words'

const route = getRouteApi('/inside/imports/$kind/$id')
const SAMPLES = 3
const NOWHERE = ''

/** Which column of the file is which field. */
export function MappingStep({ kind, job }: { kind: Kind; job: Job }) {
  const { t } = useTranslation()
  const navigate = route.useNavigate()
  const change = useChange(kind, job.id)
  const act = useAct(kind, job.id)
  const missing = lacking(job.fields, job.mapping)
  const names = (fields: readonly { name: string; label: string }[]) =>
    fields.map(({ name, label }) => fieldWord(t, kind, name, label)).join(', ')
  const busy = job.state === 'reading'
  const choices = [
    { value: NOWHERE, label: t('imports.leaveOut') },
    ...job.fields.map(({ name, label, required }) => ({
      value: name,
      label: fieldWord(t, kind, name, label) + (required ? ' *' : ''),
    })),
  ]

  function goOn() {
    navigate({ search: (all) => ({ ...all, step: undefined }), replace: true })
    if (job.state !== 'checked') act.mutate('check')
  }

  return (
    <section className={classes.step} aria-busy={busy}>
      <StepHeading title={t('imports.mapping')}>{t('imports.mappingText', { count: job.total })}</StepHeading>
      <Section title={t('imports.readAs')}>
        <ReadAs key={job.format?.header_row ?? 0} kind={kind} job={job} />
        {job.notes.map(({ code, row, message }) => (
          <p key={code} className={classes.small}>
            {noteWord(t, code, message)}
            {row !== null && ` ${t('imports.inRow', { row })}`}
          </p>
        ))}
      </Section>
      <Section title={t('imports.columns')} count={job.columns.length}>
        <ul className={mapping.columns}>
          {job.columns.map(({ index, name, samples }) => {
            const field = fieldOf(job.mapping, index)
            return (
              <li key={index} data-left-out={field === null || undefined}>
                <span className={mapping.name}>{name}</span>
                <span className={mapping.samples}>
                  {samples.length ? (
                    samples.slice(0, SAMPLES).map((sample) => <span key={sample}>{sample}</span>)
                  ) : (
                    <span>{t('imports.emptyColumn')}</span>
                  )}
                </span>
                <Select
                  aria-label={t('imports.fieldFor', { column: name })}
                  allowDeselect={false}
                  searchable
                  disabled={busy}
                  value={field ?? NOWHERE}
                  data={choices}
                  nothingFoundMessage={t('list.noChoice')}
                  onChange={(to) => change.mutate({ mapping: assigned(job.mapping, index, to || null) })}
                />
              </li>
            )
          })}
        </ul>
      </Section>
      <WholeFile kind={kind} job={job} />
      {missing.length > 0 && (
        <Told meaning="warn" title={t('imports.missing', { fields: names(missing) })}>
          {t('imports.missingText')}
        </Told>
      )}
      <footer className={classes.actions}>
        <span className={classes.small}>{t('imports.nothingYet')}</span>
        <Button
          disabled={busy || missing.length > 0 || !Object.keys(job.mapping).length}
          loading={act.isPending}
          onClick={goOn}
        >
          {job.state === 'checked' ? t('imports.toCheck') : t('imports.tryIt')}
        </Button>
      </footer>
    </section>
  )
}
