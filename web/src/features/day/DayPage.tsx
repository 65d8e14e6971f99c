import { Skeleton } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { boardQuery } from '~/features/deals/boardQueries'
import { useSession } from '~/features/sessions/session'
import { TaskRow, tasksQuery } from '~/features/tasks'
import { endOfToday } from '~/features/tasks/dueness'
import { Trouble } from '~/ui/feedback/Trouble'
import { dayInFull } from '~/ui/formats'
import { Section } from '~/ui/Section'
import { useTitle } from '~/ui/useTitle'
import classes from './Day.module.css'
import { UnplannedDeal } from './UnplannedDeal'
import { unplanned } from './unplanned'

const SHOWN = 8

/** What waits for me today: who to call back, what is due, which deals nobody thinks of. */
export function DayPage() {
  const { t } = useTranslation()
  const { user } = useSession()
  const now = new Date()
  useTitle(t('day.title'))
  const mine = { owner_id: user.id, status: 'open' } as const
  const callbacks = useInfiniteQuery(tasksQuery({ ...mine, kind: 'callback' }))
  const due = useInfiniteQuery(tasksQuery({ ...mine, kind: 'plain', due_before: endOfToday(now).toISOString() }))
  const board = useQuery(boardQuery(undefined))
  const first = user.name.split(' ')[0]
  const part = now.getHours() < 11 ? 'morning' : now.getHours() < 18 ? 'day' : 'evening'
  const tasksOf = (query: typeof callbacks) => query.data?.pages.flatMap((page) => page.items)
  const deals = board.data && unplanned(board.data, user.id)
  return (
    <div className={classes.page}>
      <header className={classes.hello}>
        <h1 className={classes.title}>{t(`day.hello.${part}`, { name: first })}</h1>
        <p className={classes.date}>{dayInFull(now)}</p>
      </header>
      <div className={classes.columns}>
        <Block title={t('day.callbacks')} query={callbacks} items={tasksOf(callbacks)} none={t('day.noCallbacks')}>
          {(task) => <TaskRow key={task.id} task={task} />}
        </Block>
        <Block title={t('day.tasks')} query={due} items={tasksOf(due)} none={t('day.noTasks')}>
          {(task) => <TaskRow key={task.id} task={task} />}
        </Block>
        <Block title={t('day.unplanned')} query={board} items={deals} none={t('day.noUnplanned')}>
          {(each) => <UnplannedDeal key={each.card.id} {...each} />}
        </Block>
      </div>
    </div>
  )
}

interface BlockProps<Item> {
  title: string
  query: { error: unknown; refetch: () => void }
  items: readonly Item[] | undefined
  none: string
  children: (item: Item) => ReactNode
}

function Block<Item>({ title, query, items, none, children }: BlockProps<Item>) {
  const { t } = useTranslation()
  return (
    <div className={classes.block}>
      <Section title={title} count={items?.length}>
        {query.error && !items ? (
          <Trouble error={query.error} again={query.refetch} />
        ) : !items ? (
          [70, 55, 62].map((width) => <Skeleton key={width} height={14} width={`${width}%`} my="sm" />)
        ) : items.length ? (
          <ul>{items.slice(0, SHOWN).map(children)}</ul>
        ) : (
          <p className={classes.none}>{none}</p>
        )}
        {items && items.length > SHOWN && (
          <p className={classes.rest}>{t('day.rest', { count: items.length - SHOWN })}</p>
        )}
      </Section>
    </div>
  )
}
