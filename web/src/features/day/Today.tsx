import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Drill, Figure, Opening } from '~/features/reports/Figure'
import { ownDayQuery } from '~/features/reports/queries'
import { mainAmount } from '~/features/reports/shares'
import { tasksQuery } from '~/features/tasks'
import { money, talkTime } from '~/ui/formats'
import classes from './Today.module.css'

const Records = lazy(() => import('~/features/reports/Records').then((part) => ({ default: part.Records })))

/** How my day goes, in figures that open what they count. */
export function Today({ me, since }: { me: string; since: string }) {
  const { t } = useTranslation()
  const [drill, setDrill] = useState<Drill | null>(null)
  const { data } = useQuery(ownDayQuery)
  const done = useInfiniteQuery(tasksQuery({ owner_id: me, status: 'done', completed_from: since })).data?.pages[0]
  const doneCount = done && `${done.items.length}${done.next_cursor ? '+' : ''}`
  if (data && !data.calls) return null
  const { calls, won } = data ?? {}
  const worth = won && mainAmount(won.amounts)
  const figure = (word: 'in' | 'out' | 'missed') =>
    calls && <Figure count={calls[word].count} path={calls[word].drill_down} title={t(`day.figures.${word}`)} />
  return (
    <Opening value={setDrill}>
      <dl className={classes.figures} aria-busy={!data}>
        <Tile word={t('day.figures.in')}>{figure('in')}</Tile>
        <Tile word={t('day.figures.out')}>{figure('out')}</Tile>
        <Tile word={t('day.figures.missed')}>{figure('missed')}</Tile>
        <Tile word={t('day.figures.talk')}>{calls && <span className="num">{talkTime(calls.talk_s)}</span>}</Tile>
        <Tile word={t('day.figures.done')}>{doneCount && <span className="num">{doneCount}</span>}</Tile>
        <Tile word={t('day.figures.won')}>
          {won && (
            <Figure count={won.count} path={won.drill_down} title={t('day.figures.won')}>
              {worth ? money(worth.amount, worth.currency) + (worth.others ? ' +' : '') : '0'}
            </Figure>
          )}
        </Tile>
      </dl>
      {drill && (
        <Suspense>
          <Records drill={drill} onClose={() => setDrill(null)} />
        </Suspense>
      )}
    </Opening>
  )
}

function Tile({ word, children }: { word: string; children: ReactNode }) {
  return (
    <div>
      <dt>{word}</dt>
      <dd>{children || <span className={classes.waiting}>–</span>}</dd>
    </div>
  )
}
