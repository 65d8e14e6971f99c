import { daysBetween } from '~/ui/formats'

export type When = 'late' | 'today' | 'later'

/** Whether a moment has passed, is still to come today, or comes later. */
export function whenDue(due: string, now: Date): When {
  const at = new Date(due)
  if (at < now) return 'late'
  return at.toDateString() === now.toDateString() ? 'today' : 'later'
}

export const SPANS = ['late', 'today', 'tomorrow', 'week', 'later'] as const
export type Span = (typeof SPANS)[number]

/** How far away a moment is, in the spans a person plans in; a week is the next seven midnights. */
export function spanOf(due: string, now: Date): Span {
  const when = whenDue(due, now)
  if (when !== 'later') return when
  const days = daysBetween(now, new Date(due))
  if (days === 1) return 'tomorrow'
  return days <= 7 ? 'week' : 'later'
}

/** Tasks by span, nearest first; spans without a task are left out. */
export function bySpan<Task extends { due_at: string }>(
  tasks: readonly Task[],
  now: Date,
): { span: Span; tasks: Task[] }[] {
  return SPANS.map((span) => ({ span, tasks: tasks.filter((task) => spanOf(task.due_at, now) === span) })).filter(
    (group) => group.tasks.length > 0,
  )
}

/** The first moment of today, by this machine's zone. */
export function startOfToday(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate())
}

/** The last moment of today: what is due before it is for today. */
export function endOfToday(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1)
}

/** Nine in the morning of the next day people work on; Saturday and Sunday are none. */
export function nextMorning(now: Date): Date {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 9)
  while (day.getDay() === 0 || day.getDay() === 6) day.setDate(day.getDate() + 1)
  return day
}

/** A moment as a date-and-time field of this machine's zone takes it: `2026-11-23T09:00`. */
export function inputOf(at: Date): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}
