import { useTranslation } from 'react-i18next'
import { money, percent } from '~/ui/formats'
import { Section } from '~/ui/Section'
import { Figure } from './Figure'
import type { Funnel } from './queries'
import classes from './Reports.module.css'
import { mainAmount, share } from './shares'

/** What came into each stage and what became of it; each row adds up. */
export function FunnelBlock({ funnel }: { funnel: Funnel }) {
  const { t } = useTranslation()
  const stages = funnel.stages.filter((stage) => !stage.removed || stage.entered.count > 0)
  const most = Math.max(...stages.map((stage) => stage.entered.count), 1)
  return (
    <Section title={t('figures.funnel')}>
      <p className={classes.small}>{t('figures.funnelText')}</p>
      <div className={classes.scroll}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('figures.stage')}</th>
              <th scope="col" className={classes.bars}>
                {t('figures.entered')}
              </th>
              <th scope="col">{t('figures.worth')}</th>
              <th scope="col">{t('figures.advanced')}</th>
              <th scope="col">{t('figures.stillThere')}</th>
              <th scope="col">{t('figures.lostHere')}</th>
            </tr>
          </thead>
          <tbody>
            {stages.map((stage) => {
              const name = stage.name ?? '—'
              const worth = mainAmount(stage.entered.amounts)
              const of = (word: string) => `${name}, ${word}`
              return (
                <tr key={stage.stage_id}>
                  <th scope="row">{name}</th>
                  <td className={classes.bars}>
                    <span className={classes.bar} data-kind={stage.kind}>
                      <i style={{ width: `${share(stage.entered.count, most)}%` }} />
                      <Figure
                        count={stage.entered.count}
                        path={stage.entered.drill_down}
                        title={of(t('figures.entered'))}
                      />
                    </span>
                  </td>
                  <td className="num">{worth && money(worth.amount, worth.currency) + (worth.others ? ' +' : '')}</td>
                  {stage.kind === 'open' ? (
                    <>
                      <td>
                        <Figure
                          count={stage.advanced.count}
                          path={stage.advanced.drill_down}
                          title={of(t('figures.advanced'))}
                        >
                          {stage.advanced.count}{' '}
                          <small>
                            {stage.entered.count > 0 && percent(stage.advanced.count / stage.entered.count)}
                          </small>
                        </Figure>
                      </td>
                      <td>
                        <Figure
                          count={stage.still_there.count}
                          path={stage.still_there.drill_down}
                          title={of(t('figures.stillThere'))}
                        />
                      </td>
                      <td>
                        <Figure
                          count={stage.lost.count}
                          path={stage.lost.drill_down}
                          title={of(t('figures.lostHere'))}
                        />
                      </td>
                    </>
                  ) : (
                    <td colSpan={3} />
                  )}
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </Section>
  )
}
