import { Button, Drawer, Skeleton } from '@mantine/core'
import { queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, body, follow, type Schemas } from '~/api/http'
import { readable } from '~/features/cards/phones'
import { Colleague } from '~/features/users'
import { Trouble } from '~/ui/feedback/Trouble'
import { dayAndTime, money, talkTime } from '~/ui/formats'
import type { Drill } from './Figure'
import classes from './Reports.module.css'

interface DealRecord {
  deal_id: string
  amount: string
  currency: string
  owner_id: string
  at?: string
  entered_at?: string
}

interface CallRecord {
  call_id: string
  started_at: string
  user_id: string
  talk_s: number
  result: string | null
}

type Record = DealRecord | CallRecord

const PAGE = 25

/** The deals of a page of records by id, in one question; those one may not see are not among them. */
const dealsQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['deals', 'named', ids],
    queryFn: async ({ signal }) => {
      const query = { id: [...ids], limit: PAGE }
      const { items } = body(await api.GET('/api/v1/deals', { params: { query }, signal }))
      return new Map(items.map((deal) => [deal.id, deal]))
    },
    staleTime: 60_000,
  })

/** Exactly the records a figure counts. */
export function Records({ drill, onClose }: { drill: Drill | null; onClose: () => void }) {
  const { t } = useTranslation()
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['records', drill?.path],
    queryFn: ({ pageParam, signal }) => {
      const more = `&limit=${PAGE}${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''}`
      return follow<{ items: Record[]; next_cursor: string | null }>(`${drill?.path}${more}`, signal)
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled: drill !== null,
  })
  return (
    <Drawer opened={drill !== null} onClose={onClose} position="right" size={440} title={drill?.title}>
      {error && !data ? (
        <Trouble error={error} again={refetch} />
      ) : (
        <ul aria-busy={!data}>
          {data
            ? data.pages.map((page) => <Lines key={page.next_cursor ?? 'last'} records={page.items} />)
            : [60, 75, 50, 66].map((width) => <Skeleton key={width} height={14} width={`${width}%`} my="lg" />)}
        </ul>
      )}
      {hasNextPage && (
        <Button variant="default" fullWidth mt="md" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          {t('tasks.more')}
        </Button>
      )}
    </Drawer>
  )
}

function Lines({ records }: { records: readonly Record[] }) {
  const ids = [...new Set(records.flatMap((record) => ('deal_id' in record ? [record.deal_id] : [])))]
  const deals = useQuery({ ...dealsQuery(ids), enabled: ids.length > 0 }).data
  return records.map((record, at) =>
    'deal_id' in record ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: a deal that entered twice is two records
      <DealLine key={`${record.deal_id}${at}`} record={record} deal={deals?.get(record.deal_id)} known={!!deals} />
    ) : (
      <CallLine key={record.call_id} record={record} />
    ),
  )
}

interface DealLineProps {
  record: DealRecord
  deal: Schemas['DealListed'] | undefined
  /** Whether the deals have been asked for: one that is still missing may not be seen. */
  known: boolean
}

function DealLine({ record, deal, known }: DealLineProps) {
  const { t } = useTranslation()
  const title = deal ? readable(deal.title) : known ? t('figures.hiddenDeal') : '…'
  return (
    <li className={classes.record}>
      <div>
        <p className={classes.name}>
          {deal?.person_id ? (
            <Link to="/people/$id" params={{ id: deal.person_id }}>
              {title}
            </Link>
          ) : (
            title
          )}
        </p>
        <p className={classes.small}>
          {deal?.person_name && deal.person_name !== deal.title && <span>{readable(deal.person_name)}</span>}
          <Colleague id={record.owner_id} face={false} />
          <span>{dayAndTime(record.at ?? record.entered_at ?? '')}</span>
        </p>
      </div>
      <span className="num">{money(record.amount, record.currency)}</span>
    </li>
  )
}

function CallLine({ record }: { record: CallRecord }) {
  const { t } = useTranslation()
  return (
    <li className={classes.record}>
      <div>
        <p className={classes.name}>{record.result ? t(`callResult.${record.result as 'missed'}`) : '—'}</p>
        <p className={classes.small}>
          <Colleague id={record.user_id} face={false} />
          <span>{dayAndTime(record.started_at)}</span>
        </p>
      </div>
      {record.talk_s > 0 && <span className="num">{talkTime(record.talk_s)}</span>}
    </li>
  )
}
