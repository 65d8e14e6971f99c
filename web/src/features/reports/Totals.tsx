import { useTranslation } from 'react-i18next'
import { money, percent } from '~/ui/formats'
import { Figure } from './Figure'
import type { Sales } from './queries'
import classes from './Reports.module.css'
import { mainAmount } from './shares'

/** What was won, lost, came in and is open, at a glance. */
export function Totals({ sales }: { sales: Sales }) {
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
  const days = Math.round(Number(all.won.average_days))
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
        <dd>{all.win_rate ? percent(Number(all.win_rate)) : '—'}</dd>
        <dd className={classes.small}>{days >= 1 && t('figures.averageDays', { count: days })}</dd>
      </div>
    </dl>
  )
}
