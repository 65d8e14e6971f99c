import { IconCheck } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { DialButton } from '~/features/calls'
import { readable } from '~/features/cards/phones'
import { useMay } from '~/features/sessions/session'
import { Colleague } from '~/features/users'
import { Due } from './Due'
import { whenDue } from './dueness'
import { type Task, useComplete } from './queries'
import classes from './TaskRow.module.css'

/** One task: a press crosses it out; a call-back can be called from here. */
export function TaskRow({ task, owner = false, links = true }: { task: Task; owner?: boolean; links?: boolean }) {
  const { t } = useTranslation()
  const complete = useComplete()
  const mayDo = useMay('task:update')
  const done = task.status === 'done'
  const callback = task.kind === 'callback'
  const title = callback ? t('tasks.callBackWhom', { whom: readable(task.title) }) : task.title
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
      {callback && !done && task.person_id && task.phone && <DialButton personId={task.person_id} phone={task.phone} />}
    </li>
  )
}
