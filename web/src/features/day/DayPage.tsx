import { Skeleton } from '@mantine/core'
import { type InfiniteData, type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { cloneElement, type ReactElement, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { dealsQuery } from '~/features/deals/queries'
import { useSession } from '~/features/sessions/session'
import { TaskRow, tasksQuery } from '~/features/tasks'
import { endOfToday, startOfToday } from '~/features/tasks/dueness'
import { Trouble } from '~/ui/feedback/Trouble'
import { dayInFull } from '~/ui/formats'
import { Section } from '~/ui/Section'
import { useTitle } from '~/ui/useTitle'
import classes from './Day.module.css'
import { Today } from './Today'
import { UnplannedDeal } from './UnplannedDeal'

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
  const unplanned = useInfiniteQuery(dealsQuery({ whose: 'mine', next_step: 'none', sort: '-amount' }))
  const first = user.name.split(' ')[0]
  const part = now.getHours() < 11 ? 'morning' : now.getHours() < 18 ? 'day' : 'evening'
  return (
    <div className={classes.page}>
      <header className={classes.hello}>
        <h1 className={classes.title}>{t(`day.hello.${part}`, { name: first })}</h1>
        <p className={classes.date}>{dayInFull(now)}</p>
      </header>
      <Today me={user.id} since={startOfToday(now).toISOString()} />
      <div className={classes.columns}>
        <Block
          title={t('day.callbacks')}
          query={callbacks}
          none={t('day.noCallbacks')}
          rest={<Link to="/tasks" search={{ kind: 'callback' }} />}
        >
          {(task) => <TaskRow key={task.id} task={task} />}
        </Block>
        <Block title={t('day.tasks')} query={due} none={t('day.noTasks')} rest={<Link to="/tasks" />}>
          {(task) => <TaskRow key={task.id} task={task} />}
        </Block>
        <Block
          title={t('day.unplanned')}
          query={unplanned}
          none={t('day.noUnplanned')}
          rest={<Link to="/deals" search={{ view: 'list', owner: 'me', step: 'none', sort: 'amount' }} />}
        >
          {(deal) => <UnplannedDeal key={deal.id} deal={deal} />}
        </Block>
      </div>
    </div>
  )
}

interface BlockProps<Item> {
  title: string
  query: UseInfiniteQueryResult<InfiniteData<{ items: Item[]; next_cursor: string | null }>>
  none: string
  /** The link to all of them. */
  rest: ReactElement<{ children?: ReactNode }>
  children: (item: Item) => ReactNode
}

function Block<Item>({ title, query, none, rest, children }: BlockProps<Item>) {
  const { t } = useTranslation()
  const items = query.data?.pages.flatMap((page) => page.items)
  const more = query.hasNextPage
  return (
    <div className={classes.block}>
      <Section title={title} count={items && (more ? `${items.length}+` : items.length)}>
        {query.error && !items ? (
          <Trouble error={query.error} again={query.refetch} />
        ) : !items ? (
          [70, 55, 62].map((width) => <Skeleton key={width} height={14} width={`${width}%`} my="sm" />)
        ) : items.length ? (
          <ul>{items.slice(0, SHOWN).map(children)}</ul>
        ) : (
          <p className={classes.none}>{none}</p>
        )}
        {items && (items.length > SHOWN || more) && (
          <p className={classes.rest}>{cloneElement(rest, { children: t('day.all') })}</p>
        )}
      </Section>
    </div>
  )
}
