import type { Schemas } from '~/api/http'
import { type When, whenDue } from '~/features/tasks/dueness'

type Task = Schemas['TaskOut']
type Deal = Schemas['DealOut']

/** What to do next for a customer, and how pressing it is. */
export type NextStep =
  | { kind: 'callback' | 'task'; task: Task; when: When }
  | { kind: 'plan'; deal: Deal }
  | { kind: 'nothing' }

/** Who waits for a call comes first, then what is due soonest, then a deal for which nothing is planned. */
export function nextStep(tasks: readonly Task[], deals: readonly Deal[], now: Date): NextStep {
  const open = tasks
    .filter((task) => task.status === 'open')
    .sort((one, other) => one.due_at.localeCompare(other.due_at))
  const task = open.find((each) => each.kind === 'callback') ?? open[0]
  if (task) return { kind: task.kind === 'callback' ? 'callback' : 'task', task, when: whenDue(task.due_at, now) }
  const deal = deals.find((each) => each.outcome === null)
  return deal ? { kind: 'plan', deal } : { kind: 'nothing' }
}
