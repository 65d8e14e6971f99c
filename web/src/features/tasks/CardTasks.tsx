import { useTranslation } from 'react-i18next'
import { Section } from '~/ui/Section'
import classes from './CardTasks.module.css'
import type { Task } from './queries'
import { TaskRow } from './TaskRow'

/** What is still to be done for a card. */
export function CardTasks({ tasks }: { tasks: readonly Task[] }) {
  const { t } = useTranslation()
  return (
    <Section title={t('tasks.open')} count={tasks.filter((task) => task.status === 'open').length}>
      {tasks.length ? (
        <ul className={classes.tasks}>
          {tasks.map((task) => (
            <TaskRow key={task.id} task={task} owner links={false} />
          ))}
        </ul>
      ) : (
        <p className={classes.none}>{t('tasks.noneOpen')}</p>
      )}
    </Section>
  )
}
