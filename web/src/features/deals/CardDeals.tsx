import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { readable } from '~/features/cards/phones'
import { Colleague } from '~/features/users'
import { money, nearDay } from '~/ui/formats'
import { Pill } from '~/ui/Pill'
import { Section } from '~/ui/Section'
import classes from './CardDeals.module.css'
import { type Deal, pipelinesQuery } from './queries'
import { StageSteps } from './StageSteps'

/** The deals of a card: how much, how far, since when; closed ones say how they ended. */
export function CardDeals({ deals }: { deals: readonly Deal[] }) {
  const { t } = useTranslation()
  const pipelines = useQuery(pipelinesQuery).data ?? []
  return (
    <Section title={t('deals.title')} count={deals.filter((deal) => deal.outcome === null).length}>
      {deals.length ? (
        <ul className={classes.deals}>
          {deals.map((deal) => {
            const pipeline = pipelines.find((each) => each.id === deal.pipeline_id)
            const stage = pipeline?.stages.find((each) => each.id === deal.stage_id)
            return (
              <li key={deal.id} className={classes.deal}>
                <div className={classes.line}>
                  <span className={classes.title}>{readable(deal.title)}</span>
                  <span className={`${classes.amount} num`}>
                    {Number(deal.amount) > 0 && money(deal.amount, deal.currency)}
                  </span>
                </div>
                {pipeline && deal.outcome === null && <StageSteps pipeline={pipeline} stageId={deal.stage_id} />}
                <div className={classes.small}>
                  <span>
                    {deal.outcome ? (
                      <Pill meaning={deal.outcome === 'won' ? 'good' : 'bad'}>{stage?.name}</Pill>
                    ) : (
                      stage && t('deals.inStage', { stage: stage.name, since: nearDay(deal.stage_entered_at) })
                    )}
                  </span>
                  <Colleague id={deal.owner_id} face={false} />
                </div>
              </li>
            )
          })}
        </ul>
      ) : (
        <p className={classes.none}>{t('deals.noneOpen')}</p>
      )}
    </Section>
  )
}
