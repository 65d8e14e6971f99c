import { Skeleton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { api, body, type Schemas } from '~/api/http'
import { Empty } from '~/ui/feedback/Empty'
import { dayInFull, daysBetween, nearDay } from '~/ui/formats'
import { byDay } from './events'
import { Line } from './Line'
import classes from './Timeline.module.css'

type Page = Schemas['Page_TimelineItem_']

/** The whole history of a card, newest first; the first page came with the card. */
export function Timeline({ kind, id, first }: { kind: 'person' | 'company'; id: string; first: Page }) {
  const { t } = useTranslation()
  const foot = useRef<HTMLDivElement>(null)
  const older = useInfiniteQuery({
    queryKey: ['timeline', kind, id, first.next_cursor],
    queryFn: ({ pageParam, signal }) => pageOf(kind, id, pageParam, signal),
    initialPageParam: first.next_cursor,
    getNextPageParam: (page) => page.next_cursor,
    enabled: false,
  })
  const begun = older.data !== undefined
  const more = begun ? older.hasNextPage : first.next_cursor !== null
  const load = begun ? older.fetchNextPage : older.refetch
  const idle = !older.isFetching && !older.isError

  useEffect(() => {
    const seen = foot.current
    if (!seen || !more || !idle) return
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && load(), { rootMargin: '600px' })
    watch.observe(seen)
    return () => watch.disconnect()
  }, [more, idle, load])

  const items = [...first.items, ...(older.data?.pages.flatMap((page) => page.items) ?? [])]
  if (!items.length) {
    return <Empty title={t('timeline.none')}>{t('timeline.noneText')}</Empty>
  }
  const now = new Date()
  return (
    <div className={classes.timeline}>
      {byDay(items).map((group) => {
        const at = group.items[0]?.happened_at ?? group.day
        return (
          <section key={group.day} className={classes.day}>
            <h3 className={classes.date}>
              {Math.abs(daysBetween(now, new Date(at))) < 2 ? nearDay(at, now) : dayInFull(at)}
            </h3>
            <ol>
              {group.items.map((item) => (
                <Line key={`${item.kind}${item.id}`} item={item} />
              ))}
            </ol>
          </section>
        )
      })}
      <div ref={foot}>
        {more && older.isError && (
          <button type="button" className={classes.again} onClick={() => load()}>
            {t('timeline.again')}
          </button>
        )}
        {more && !older.isError && <Skeleton height={12} width="40%" my="md" />}
      </div>
    </div>
  )
}

async function pageOf(
  kind: 'person' | 'company',
  id: string,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Page> {
  const query = { limit: 50, cursor: cursor ?? undefined }
  return kind === 'person'
    ? body(await api.GET('/api/v1/people/{person_id}/timeline', { params: { path: { person_id: id }, query }, signal }))
    : body(
        await api.GET('/api/v1/companies/{company_id}/timeline', {
          params: { path: { company_id: id }, query },
          signal,
        }),
      )
}
