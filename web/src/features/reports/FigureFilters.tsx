import { CloseButton, SegmentedControl, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { dayInFull } from '~/ui/formats'
import { FilterChip } from '~/ui/list/FilterChip'
import { type FigureFilters, PERIODS, type Period, type Range } from './period'
import { teamsQuery } from './queries'
import classes from './Reports.module.css'

interface Props {
  filters: FigureFilters
  today: string
  days: Range
  onChange: (change: Partial<FigureFilters>) => void
}

/** Which days, whose, and as they stood when. */
export function Filters({ filters, today, days, onChange }: Props) {
  const { t } = useTranslation()
  const teams = useQuery(teamsQuery).data ?? []
  const { period = 'month', asOf, known, team } = filters

  function choose(chosen: Period) {
    const own = chosen === 'own' ? { from: days.from, to: days.to } : { from: undefined, to: undefined }
    onChange({ period: chosen, ...own })
  }

  return (
    <>
      <div className={classes.filters}>
        <SegmentedControl
          size="xs"
          aria-label={t('figures.periodOf')}
          value={period}
          data={PERIODS.map((value) => ({ value, label: t(`figures.period.${value}`) }))}
          onChange={(chosen) => choose(chosen as Period)}
        />
        {period === 'own' &&
          (['from', 'to'] as const).map((end) => (
            <Day
              key={end}
              word={t(`figures.${end}`)}
              value={days[end]}
              min={end === 'to' ? days.from : undefined}
              max={end === 'from' ? days.to : today}
              onChange={(value) => onChange({ [end]: value })}
            />
          ))}
        {teams.length > 1 && (
          <FilterChip
            label={t('figures.team')}
            value={team}
            choices={teams.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(chosen) => onChange({ team: chosen })}
          />
        )}
        <Day
          word={t('figures.asOf')}
          value={asOf ?? today}
          max={today}
          onChange={(value) => onChange(value === today ? { asOf: undefined, known: undefined } : { asOf: value })}
        />
      </div>
      {asOf && (
        <div className={classes.then} role="status">
          <p>
            <b>{t('figures.then', { day: dayInFull(`${asOf}T12:00:00`) })}</b>
            <span>{t(known ? 'figures.knownThenText' : 'figures.knownNowText')}</span>
          </p>
          <SegmentedControl
            size="xs"
            aria-label={t('figures.known')}
            value={known ?? 'now'}
            data={[
              { value: 'now', label: t('figures.knownNow') },
              { value: 'then', label: t('figures.knownThen') },
            ]}
            onChange={(chosen) => onChange({ known: chosen === 'then' ? chosen : undefined })}
          />
          <CloseButton aria-label={t('figures.now')} onClick={() => onChange({ asOf: undefined, known: undefined })} />
        </div>
      )}
    </>
  )
}

interface DayProps {
  word: string
  value: string
  min?: string
  max: string
  onChange: (value: string) => void
}

function Day({ word, value, min, max, onChange }: DayProps) {
  const id = useId()
  const fits = (day: string) => day !== '' && day <= max && (!min || day >= min)
  return (
    <label className={classes.asked} htmlFor={id}>
      {word}
      <TextInput
        id={id}
        type="date"
        size="xs"
        min={min}
        max={max}
        value={value}
        onChange={({ currentTarget }) => fits(currentTarget.value) && onChange(currentTarget.value)}
      />
    </label>
  )
}
