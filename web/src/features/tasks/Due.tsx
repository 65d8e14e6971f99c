import { useTranslation } from 'react-i18next'
import { clock, dayAndTime, nearDay } from '~/ui/formats'
import classes from './Due.module.css'
import { whenDue } from './dueness'

/** When something is due; red once that has passed. `short` leaves the word away where the place says it. */
export function Due({ at, short = false }: { at: string; short?: boolean }) {
  const { t } = useTranslation()
  const when = whenDue(at, new Date())
  const day = when === 'today' ? clock(at) : `${nearDay(at)}, ${clock(at)}`
  return (
    <time className={classes.due} data-when={when} dateTime={at} title={dayAndTime(at)}>
      {short
        ? when === 'today'
          ? day
          : nearDay(at)
        : when === 'late'
          ? t('tasks.late', { at: day })
          : t('tasks.due', { at: day })}
    </time>
  )
}
