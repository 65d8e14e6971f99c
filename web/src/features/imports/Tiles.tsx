import { useTranslation } from 'react-i18next'
import classes from './Imports.module.css'
import { type Job, type Tally, tallies } from './job'

const MEANING: Partial<Record<Tally['word'], string>> = {
  create: 'good',
  update: 'good',
  doubtful: 'warn',
  kept: 'warn',
  error: 'bad',
}

/** What the rows did or would do, in figures. */
export function Tiles({ job }: { job: Job }) {
  const { t } = useTranslation()
  return (
    <dl className={classes.tiles}>
      {tallies(job).map(({ word, count }) => (
        <div key={word} data-meaning={count ? MEANING[word] : undefined} data-word={word}>
          <dt>{t(`imports.tally.${word}`)}</dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  )
}
