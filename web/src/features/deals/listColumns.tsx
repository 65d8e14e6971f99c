import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { readable } from '~/features/cards/phones'
import { Due } from '~/features/tasks'
import { Colleague } from '~/features/users'
import { dayInFull, money, nearDay } from '~/ui/formats'
import type { Column } from '~/ui/list/DataList'
import { Pill } from '~/ui/Pill'
import classes from './Deals.module.css'
import { type Listed, useStages } from './queries'

/** What the list of deals shows of each. */
export function useDealColumns(): Column<Listed>[] {
  const { t } = useTranslation()
  const stages = useStages()
  return useMemo(
    () => [
      {
        key: 'title',
        title: t('deals.what'),
        width: 'minmax(12rem, 2.2fr)',
        narrow: 'lead',
        cell: (deal) => <span>{readable(deal.title)}</span>,
      },
      {
        key: 'customer',
        title: t('deals.customer'),
        width: 'minmax(9rem, 1.4fr)',
        narrow: 'none',
        cell: ({ title, person_name, company_name }) =>
          person_name && person_name !== title ? readable(person_name) : company_name,
      },
      {
        key: 'amount',
        title: t('deals.amount'),
        width: 'minmax(6rem, 0.8fr)',
        narrow: 'end',
        cell: (deal) =>
          Number(deal.amount) > 0 && (
            <span className={`${classes.worth} num`}>{money(deal.amount, deal.currency)}</span>
          ),
      },
      {
        key: 'stage',
        title: t('deals.stage'),
        width: 'minmax(7rem, 1fr)',
        narrow: 'none',
        cell: ({ outcome, stage_id }) => (
          <Pill meaning={outcome === 'won' ? 'good' : outcome === 'lost' ? 'bad' : 'plain'}>
            {stages.get(stage_id)?.name ?? '…'}
          </Pill>
        ),
      },
      {
        key: 'next',
        title: t('deals.nextStep'),
        width: 'minmax(8rem, 1.1fr)',
        narrow: 'sub',
        cell: ({ outcome, loss_reason, next_task_due_at }) =>
          outcome ? (
            <span className={classes.quiet}>{loss_reason}</span>
          ) : next_task_due_at ? (
            <Due at={next_task_due_at} short />
          ) : (
            <span className={classes.unplanned}>{t('board.unplanned')}</span>
          ),
      },
      {
        key: 'owner',
        title: t('list.owner'),
        width: 'minmax(8rem, 1.1fr)',
        narrow: 'none',
        cell: (deal) => <Colleague id={deal.owner_id} />,
      },
      {
        key: 'closes',
        title: t('deals.closes'),
        width: '7.5rem',
        narrow: 'none',
        cell: ({ closed_at, expected_close_on }) => {
          const at = closed_at ?? (expected_close_on && `${expected_close_on}T12:00:00`)
          return at && <time title={dayInFull(at)}>{nearDay(at)}</time>
        },
      },
    ],
    [t, stages],
  )
}
