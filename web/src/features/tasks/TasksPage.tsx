import { Button, Skeleton } from '@mantine/core'
import { IconListCheck } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useSession } from '~/features/sessions/session'
import { usersQuery } from '~/features/users'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'
import { FilterChip } from '~/ui/list/FilterChip'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'
import { bySpan } from './dueness'
import { tasksQuery } from './queries'
import type { TaskFilters } from './search'
import { TaskRow } from './TaskRow'
import classes from './TasksPage.module.css'

const route = getRouteApi('/inside/tasks')

/** What is to be done, by when: mine, until one asks for others'. */
export function TasksPage() {
  const { t } = useTranslation()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const me = useSession().user.id
  const users = useQuery(usersQuery).data ?? []
  useTitle(t('tasks.title'))
  const owner = filters.owner === 'all' ? undefined : (filters.owner ?? me)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    tasksQuery({ owner_id: owner, status: filters.status ?? 'open', kind: filters.kind }),
  )
  const tasks = data?.pages.flatMap((page) => page.items)
  const change = (some: Partial<TaskFilters>) => navigate({ search: (all) => ({ ...all, ...some }), replace: true })
  const owners = [
    { value: 'all', label: t('tasks.everybody') },
    ...users.filter((user) => user.active && user.id !== me).map((user) => ({ value: user.id, label: user.name })),
  ]
  return (
    <>
      <PageHead title={t('tasks.title')} />
      <div className={classes.chips}>
        <FilterChip
          label={t('tasks.whose')}
          value={filters.owner}
          choices={owners}
          onChange={(owner) => change({ owner })}
        />
        <FilterChip
          label={t('tasks.kind')}
          value={filters.kind}
          choices={[
            { value: 'callback', label: t('tasks.callBacks') },
            { value: 'plain', label: t('tasks.others') },
          ]}
          onChange={(kind) => change({ kind: kind as TaskFilters['kind'] })}
        />
        <FilterChip
          label={t('tasks.state')}
          value={filters.status}
          choices={[{ value: 'done', label: t('tasks.done') }]}
          onChange={(status) => change({ status: status as TaskFilters['status'] })}
        />
      </div>
      <div className={classes.scroller}>
        {error && !tasks ? (
          <Trouble error={error} again={refetch} />
        ) : tasks?.length === 0 ? (
          <Empty icon={<IconListCheck size={22} stroke={1.6} />} title={t('tasks.none')}>
            {t('tasks.noneText')}
          </Empty>
        ) : (
          <div className={classes.list} aria-busy={!tasks}>
            {tasks
              ? bySpan(tasks, new Date()).map((group) => (
                  <section key={group.span} aria-label={t(`tasks.span.${group.span}`)}>
                    <h2 className={classes.span} data-span={filters.status === 'done' ? undefined : group.span}>
                      {filters.status === 'done' ? t('tasks.done') : t(`tasks.span.${group.span}`)}
                    </h2>
                    <ul>
                      {group.tasks.map((task) => (
                        <TaskRow key={task.id} task={task} owner={filters.owner !== undefined} />
                      ))}
                    </ul>
                  </section>
                ))
              : [60, 45, 70, 52].map((width) => <Skeleton key={width} height={16} width={`${width}%`} my="xl" />)}
            {hasNextPage && (
              <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
                {t('tasks.more')}
              </Button>
            )}
          </div>
        )}
      </div>
    </>
  )
}
