import { useTranslation } from 'react-i18next'
import { Colleague } from '~/features/users'
import { money } from '~/ui/formats'
import { Section } from '~/ui/Section'
import { Figure } from './Figure'
import type { Sales } from './queries'
import classes from './Reports.module.css'
import { mainAmount, share } from './shares'

/** Who sold what: won by worth, lost, how often won, what is open. */
export function PeopleBlock({ sales }: { sales: Sales }) {
  const { t } = useTranslation()
  const worthOf = (group: Sales['groups'][number]) => mainAmount(group.won.amounts)?.amount ?? 0
  const groups = [...sales.groups].sort((one, other) => worthOf(other) - worthOf(one))
  const most = Math.max(...groups.map(worthOf), 1)
  return (
    <Section title={t('figures.byPerson')}>
      <div className={classes.scroll}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('figures.who')}</th>
              <th scope="col" className={classes.bars}>
                {t('figures.won')}
              </th>
              <th scope="col">{t('figures.deals')}</th>
              <th scope="col">{t('figures.lost')}</th>
              <th scope="col">{t('figures.rate')}</th>
              <th scope="col">{t('figures.open')}</th>
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
                  <td className="num">{group.win_rate ? `${Math.round(Number(group.win_rate) * 100)} %` : '—'}</td>
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
