import { IconArrowBackUp, IconCheck } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { DialButton } from '~/features/calls'
import { useMay } from '~/features/sessions/session'
import { Colleague } from '~/features/users'
import { Due } from './Due'
import { whenDue } from './dueness'
import { type Task, taskTitle, useComplete, useReopen } from './queries'
import classes from './TaskRow.module.css'

/** One task: a press crosses it out; a call-back can be called from here. */
export function TaskRow({ task, owner = false, links = true }: { task: Task; owner?: boolean; links?: boolean }) {
  const { t } = useTranslation()
  const complete = useComplete()
  const reopen = useReopen()
  const mayDo = useMay('task:update')
  const done = task.status === 'done'
  const callback = task.kind === 'callback'
  const title = taskTitle(task)
  // What a conversation closed stays closed: it took place.
  const reopenable = done && mayDo && (!callback || task.completed_by?.startsWith('user:'))
  return (
    <li
      className={classes.task}
      data-done={done || undefined}
      data-when={done ? undefined : whenDue(task.due_at, new Date())}
    >
      <button
        type="button"
        className={classes.tick}
        disabled={!mayDo || done}
        aria-label={t('tasks.complete', { title })}
        onClick={() => complete.mutate(task)}
      >
        <IconCheck size={14} stroke={2.4} />
      </button>
      <div className={classes.what}>
        <p className={classes.title}>
          {links && task.person_id ? (
            <Link to="/people/$id" params={{ id: task.person_id }}>
              {title}
            </Link>
          ) : (
            title
          )}
        </p>
        <p className={classes.small}>
          {done ? <span>{t('tasks.done')}</span> : <Due at={task.due_at} />}
          {callback && task.misses > 1 && <span>{t('tasks.misses', { count: task.misses })}</span>}
          {task.note && <span>{task.note}</span>}
          {owner && <Colleague id={task.owner_id} face={false} />}
        </p>
      </div>
      {reopenable && (
        <button
          type="button"
          className={classes.again}
          aria-label={t('tasks.reopen', { title })}
          title={t('tasks.reopenShort')}
          onClick={() => reopen.mutate(task)}
        >
          <IconArrowBackUp size={18} stroke={1.7} />
        </button>
      )}
      {callback && !done && task.person_id && task.phone && <DialButton personId={task.person_id} phone={task.phone} />}
    </li>
  )
}
