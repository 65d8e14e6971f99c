import { CloseButton, SegmentedControl, Skeleton, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { pipelinesQuery } from '~/features/deals/queries'
import { Trouble } from '~/ui/feedback/Trouble'
import { dayInFull, money } from '~/ui/formats'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'
import { CallsBlock } from './CallsBlock'
import { type Drill, Figure, Opening } from './Figure'
import { FunnelBlock } from './FunnelBlock'
import { PeopleBlock } from './PeopleBlock'
import { isoDay, lastDays, PERIODS, type Period, rangeOf } from './period'
import { callsQuery, funnelQuery, type Range, type Sales, salesQuery } from './queries'
import { Records } from './Records'
import classes from './Reports.module.css'
import { mainAmount } from './shares'

const route = getRouteApi('/inside/figures')
const CALL_DAYS = 30

/** How sales go, and how they stood on any day; every figure opens its records. */
export function FiguresPage() {
  const { t } = useTranslation()
  const { period = 'month', asOf } = route.useSearch()
  const navigate = route.useNavigate()
  const [drill, setDrill] = useState<Drill | null>(null)
  const today = isoDay(new Date())
  const last = asOf ?? today
  const range: Range = { ...rangeOf(period, last), ...(asOf ? { as_of: asOf } : {}) }
  const pipeline = useQuery(pipelinesQuery).data?.[0]?.id
  const total = useQuery(salesQuery(range, 'none'))
  const people = useQuery(salesQuery(range, 'employee'))
  const funnel = useQuery(funnelQuery(range, pipeline))
  const calls = useQuery(callsQuery({ ...range, ...lastDays(last, CALL_DAYS) }))
  useTitle(t('figures.title'))
  const change = (some: { period?: Period; asOf?: string }) =>
    navigate({ search: (all) => ({ ...all, ...some }), replace: true })
  return (
    <Opening value={setDrill}>
      <PageHead title={t('figures.title')}>
        <SegmentedControl
          size="xs"
          value={period}
          data={PERIODS.map((value) => ({ value, label: t(`figures.period.${value}`) }))}
          onChange={(chosen) => change({ period: chosen as Period })}
        />
        <TextInput
          type="date"
          size="xs"
          aria-label={t('figures.asOf')}
          max={today}
          value={last}
          onChange={({ currentTarget: { value } }) => value && change({ asOf: value === today ? undefined : value })}
        />
      </PageHead>
      <div className={classes.page}>
        {asOf && (
          <p className={classes.then} role="status">
            {t('figures.then', { day: dayInFull(`${asOf}T12:00:00`) })}
            <CloseButton size="sm" aria-label={t('figures.now')} onClick={() => change({ asOf: undefined })} />
          </p>
        )}
        <Part query={total} height={92}>
          {(sales) => <Totals sales={sales} />}
        </Part>
        <Part query={funnel} height={300}>
          {(shown) => <FunnelBlock funnel={shown} />}
        </Part>
        <div className={classes.two}>
          <Part query={people} height={240}>
            {(sales) => <PeopleBlock sales={sales} />}
          </Part>
          <Part query={calls} height={240}>
            {(shown) => <CallsBlock calls={shown} />}
          </Part>
        </div>
      </div>
      <Records drill={drill} onClose={() => setDrill(null)} />
    </Opening>
  )
}

interface Asked<Data> {
  data: Data | undefined
  error: unknown
  refetch: () => void
}

function Part<Data>({
  query,
  height,
  children,
}: {
  query: Asked<Data>
  height: number
  children: (data: Data) => ReactNode
}) {
  if (query.data) return <div className={classes.part}>{children(query.data)}</div>
  if (query.error) return <Trouble error={query.error} again={query.refetch} />
  return <Skeleton height={height} radius="lg" />
}

function Totals({ sales }: { sales: Sales }) {
  const { t } = useTranslation()
  const all = sales.groups[0]
  if (!all) return <p className={classes.small}>{t('figures.nothing')}</p>
  const worth = (amounts: Record<string, string>) => {
    const most = mainAmount(amounts)
    return most ? money(most.amount, most.currency) + (most.others ? ' +' : '') : '—'
  }
  const tiles = [
    { word: 'won', figure: all.won },
    { word: 'lost', figure: all.lost },
    { word: 'created', figure: all.created },
    ...(all.open ? [{ word: 'open', figure: all.open } as const] : []),
  ] as const
  return (
    <dl className={classes.tiles}>
      {tiles.map(({ word, figure }) => (
        <div key={word} data-word={word}>
          <dt>{t(`figures.${word}`)}</dt>
          <dd>{worth(figure.amounts)}</dd>
          <dd className={classes.small}>
            <Figure count={figure.count} path={figure.drill_down} title={t(`figures.${word}`)}>
              {t('figures.dealCount', { count: figure.count })}
            </Figure>
          </dd>
        </div>
      ))}
      <div>
        <dt>{t('figures.rate')}</dt>
        <dd>{all.win_rate ? `${Math.round(Number(all.win_rate) * 100)} %` : '—'}</dd>
        <dd className={classes.small}>
          {Number(all.won.average_days) >= 1 &&
            t('figures.averageDays', { count: Math.round(Number(all.won.average_days)) })}
        </dd>
      </div>
    </dl>
  )
}
