import { IconCircle, IconPhoneIncoming } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '~/api/http'
import { Colleague } from '~/features/users'
import { Section } from '~/ui/Section'
import classes from './CardTasks.module.css'
import { Due } from './Due'
import { whenDue } from './dueness'

/** What is still to be done for a card. */
export function CardTasks({ tasks }: { tasks: readonly Schemas['TaskOut'][] }) {
  const { t } = useTranslation()
  return (
    <Section title={t('tasks.open')} count={tasks.length}>
      {tasks.length ? (
        <ul className={classes.tasks}>
          {tasks.map((task) => (
            <li key={task.id} className={classes.task} data-when={whenDue(task.due_at, new Date())}>
              {task.kind === 'callback' ? (
                <IconPhoneIncoming size={16} stroke={1.7} />
              ) : (
                <IconCircle size={16} stroke={1.7} />
              )}
              <div>
                <p className={classes.title}>{task.kind === 'callback' ? t('tasks.callBack') : task.title}</p>
                <p className={classes.small}>
                  <Due at={task.due_at} />
                  <Colleague id={task.owner_id} face={false} />
                </p>
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <p className={classes.none}>{t('tasks.noneOpen')}</p>
      )}
    </Section>
  )
}
