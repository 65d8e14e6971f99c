import { useTranslation } from 'react-i18next'
import { Colleague } from '~/features/users'
import { money, percent } from '~/ui/formats'
import { Section } from '~/ui/Section'
import { Figure } from './Figure'
import { SORTS, type Sort } from './period'
import type { Sales } from './queries'
import classes from './Reports.module.css'
import { mainAmount, share } from './shares'
import { sorted } from './sorting'

/** Who sold what: won by worth, lost, how often won, what is open. */
export function PeopleBlock({ sales, sort, onSort }: { sales: Sales; sort: Sort; onSort: (by: Sort) => void }) {
  const { t } = useTranslation()
  const worthOf = (group: Sales['groups'][number]) => mainAmount(group.won.amounts)?.amount ?? 0
  const groups = sorted(sales.groups, sort)
  const most = Math.max(...groups.map(worthOf), 1)
  return (
    <Section title={t('figures.byPerson')}>
      {!groups.length && <p className={classes.zero}>{t('figures.nothing')}</p>}
      <div className={classes.scroll} hidden={!groups.length}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('figures.who')}</th>
              {SORTS.map((by) => (
                <th
                  key={by}
                  scope="col"
                  className={by === 'won' ? classes.bars : undefined}
                  aria-sort={by === sort ? 'descending' : 'none'}
                >
                  <button type="button" className={classes.sort} onClick={() => onSort(by)}>
                    {t(`figures.${by}`)}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => {
              const worth = mainAmount(group.won.amounts)
              return (
                <tr key={group.key ?? 'none'}>
                  <th scope="row">
                    <Colleague id={group.key} />
                  </th>
                  <td className={classes.bars}>
                    <span className={classes.bar} data-kind="won">
                      <i style={{ width: `${share(worthOf(group), most)}%` }} />
                      <span className="num">{worth ? money(worth.amount, worth.currency) : '—'}</span>
                    </span>
                  </td>
                  <td>
                    <Figure count={group.won.count} path={group.won.drill_down} title={t('figures.won')} />
                  </td>
                  <td>
                    <Figure count={group.lost.count} path={group.lost.drill_down} title={t('figures.lost')} />
                  </td>
                  <td className="num">{group.win_rate ? percent(Number(group.win_rate)) : '—'}</td>
                  <td>
                    {group.open && (
                      <Figure count={group.open.count} path={group.open.drill_down} title={t('figures.open')} />
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </Section>
  )
}
