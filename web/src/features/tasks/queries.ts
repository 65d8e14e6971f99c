import { infiniteQueryOptions, type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query'
import i18next from 'i18next'
import { api, body, idempotencyKey, type Schemas } from '~/api/http'
import { readable } from '~/features/cards/phones'
import { tellTrouble, tellUndoable } from '~/ui/feedback/tell'

export type Task = Schemas['TaskOut']

export interface TaskQuery {
  owner_id?: string
  status: 'open' | 'done'
  kind?: 'callback' | 'plain'
  due_before?: string
  completed_from?: string
}

/** Tasks as asked for, what is due first is first. */
export const tasksQuery = (query: TaskQuery) =>
  infiniteQueryOptions({
    queryKey: ['tasks', query],
    queryFn: async ({ pageParam, signal }) =>
      body(await api.GET('/api/v1/tasks', { params: { query: { ...query, limit: 50, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

/** How a task is called where it stands alone. */
export function taskTitle(task: Task): string {
  return task.kind === 'callback' ? i18next.t('tasks.callBackWhom', { whom: readable(task.title) }) : task.title
}

/** A task opened again, everywhere it is shown. */
export function useReopen() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (task: Task) =>
      body(
        await api.POST('/api/v1/tasks/{id}/reopen', {
          params: { path: { id: task.id }, header: { 'idempotency-key': idempotencyKey() } },
        }),
      ),
    onMutate: (task) => show(queries, { ...task, status: 'open' }),
    onSuccess: (task) => {
      show(queries, task)
      changed(queries)
    },
    onError: (error, task) => {
      show(queries, task)
      tellTrouble(error)
    },
  })
}

/** A task done: crossed out at once wherever it is shown, and open again on undo or when the server refuses. */
export function useComplete() {
  const queries = useQueryClient()
  const { mutate: reopen } = useReopen()
  return useMutation({
    mutationFn: async (task: Task) =>
      body(
        await api.POST('/api/v1/tasks/{id}/complete', {
          params: { path: { id: task.id }, header: { 'idempotency-key': idempotencyKey() } },
        }),
      ),
    onMutate: (task) => show(queries, { ...task, status: 'done' }),
    onSuccess: (task) => {
      show(queries, task)
      changed(queries)
      tellUndoable(i18next.t('tasks.doneWhat', { title: taskTitle(task) }), () => reopen(task))
    },
    onError: (error, task) => {
      show(queries, task)
      tellTrouble(error)
    },
  })
}

/** A new task; what shows tasks asks anew. */
export function usePlan() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (task: Schemas['TaskCreate']) =>
      body(
        await api.POST('/api/v1/tasks', { params: { header: { 'idempotency-key': idempotencyKey() } }, body: task }),
      ),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['tasks'] })
      changed(queries)
    },
    onError: tellTrouble,
  })
}

/** What shows deals by what comes next for them, and lists of what is done, ask anew; an open list stays as it is read. */
function changed(queries: QueryClient): void {
  for (const key of ['card', 'board', 'deals']) queries.invalidateQueries({ queryKey: [key] })
  queries.invalidateQueries({
    queryKey: ['tasks'],
    predicate: ({ queryKey }) => (queryKey[1] as TaskQuery).status === 'done',
  })
}

type Shown = { pages: { items: Task[] }[] } | { work: { tasks: Task[] } | null } | undefined

function show(queries: QueryClient, task: Task): void {
  const swap = (tasks: Task[]) => tasks.map((each) => (each.id === task.id ? { ...each, ...task } : each))
  queries.setQueriesData<Shown>({ queryKey: ['tasks'] }, (shown) =>
    shown && 'pages' in shown
      ? { ...shown, pages: shown.pages.map((page) => ({ ...page, items: swap(page.items) })) }
      : shown,
  )
  queries.setQueriesData<Shown>({ queryKey: ['card'] }, (shown) =>
    shown && 'work' in shown && shown.work
      ? { ...shown, work: { ...shown.work, tasks: swap(shown.work.tasks) } }
      : shown,
  )
}
