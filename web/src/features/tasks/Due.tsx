import { useTranslation } from 'react-i18next'
import { clock, dayAndTime, nearDay } from '~/ui/formats'
import classes from './Due.module.css'
import { whenDue } from './dueness'

/** When something is due; red once that has passed. */
export function Due({ at }: { at: string }) {
  const { t } = useTranslation()
  const when = whenDue(at, new Date())
  const day = when === 'today' ? clock(at) : `${nearDay(at)}, ${clock(at)}`
  return (
    <time className={classes.due} data-when={when} dateTime={at} title={dayAndTime(at)}>
      {when === 'late' ? t('tasks.late', { at: day }) : t('tasks.due', { at: day })}
    </time>
  )
}
