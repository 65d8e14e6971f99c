import { useContext } from 'react'
import { useTranslation } from 'react-i18next'
import { day } from '~/ui/formats'
import { Section } from '~/ui/Section'
import { Opening } from './Figure'
import type { CallsPerDay } from './queries'
import classes from './Reports.module.css'

/** Calls day by day: answered below, missed on top in the colour of what was lost. */
export function CallsBlock({ calls }: { calls: CallsPerDay }) {
  const { t } = useTranslation()
  const open = useContext(Opening)
  const most = Math.max(...calls.days.map((each) => each.answered.count + each.missed.count), 1)
  const height = (count: number) => `${(count / most) * 100}%`
  const missed = calls.days.reduce((sum, each) => sum + each.missed.count, 0)
  const answered = calls.days.reduce((sum, each) => sum + each.answered.count, 0)
  return (
    <Section title={t('figures.calls')}>
      {!answered && !missed && <p className={classes.zero}>{t('figures.noCalls')}</p>}
      <p className={classes.legend}>
        <span data-kind="answered">{t('figures.answeredCalls', { count: answered })}</span>
        <span data-kind="missed">{t('figures.missedCalls', { count: missed })}</span>
      </p>
      <div className={classes.days}>
        {calls.days.map((each) => {
          const title = `${day(`${each.day}T12:00:00`)}: ${t('figures.answeredCalls', { count: each.answered.count })}, ${t('figures.missedCalls', { count: each.missed.count })}`
          const figure = each.missed.count ? each.missed : each.answered
          return (
            <button
              key={each.day}
              type="button"
              className={classes.day}
              title={title}
              aria-label={title}
              disabled={!figure.count}
              onClick={() => open({ title, path: figure.drill_down })}
            >
              <i data-kind="missed" style={{ height: height(each.missed.count) }} />
              <i data-kind="answered" style={{ height: height(each.answered.count) }} />
            </button>
          )
        })}
      </div>
      <p className={classes.axis}>
        <span>{day(`${calls.from}T12:00:00`)}</span>
        <span>{day(`${calls.to}T12:00:00`)}</span>
      </p>
    </Section>
  )
}
