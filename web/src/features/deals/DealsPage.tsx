import { IconLayoutKanban, IconList } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'
import { Board } from './Board'
import classes from './Deals.module.css'
import { pipelinesQuery } from './queries'

const route = getRouteApi('/inside/deals')
const DealsList = lazy(() => import('./DealsList').then((part) => ({ default: part.DealsList })))
const PipelineSelect = lazy(() => import('./PipelineSelect').then((part) => ({ default: part.PipelineSelect })))

/** Deals, as a board to move them on or as a list to look among them. */
export function DealsPage() {
  const { t } = useTranslation()
  const { view, pipeline } = route.useSearch()
  const pipelines = useQuery(pipelinesQuery).data ?? []
  useTitle(t('board.title'))
  return (
    <>
      <PageHead title={t('board.title')}>
        {pipelines.length > 1 && view !== 'list' && (
          <Suspense>
            <PipelineSelect pipelines={pipelines} chosen={pipeline} />
          </Suspense>
        )}
        <nav className={classes.views} aria-label={t('deals.views')}>
          <Link to="/deals" search={{ pipeline }} className={classes.view} data-here={view !== 'list' || undefined}>
            <IconLayoutKanban size={16} stroke={1.7} />
            {t('deals.board')}
          </Link>
          <Link
            to="/deals"
            search={{ view: 'list', pipeline }}
            className={classes.view}
            data-here={view === 'list' || undefined}
          >
            <IconList size={16} stroke={1.7} />
            {t('deals.list')}
          </Link>
        </nav>
      </PageHead>
      {view === 'list' ? (
        <Suspense>
          <DealsList />
        </Suspense>
      ) : (
        <Board pipeline={pipeline} />
      )}
    </>
  )
}
