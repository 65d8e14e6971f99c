export { CardTasks } from './CardTasks'
export { Due } from './Due'
export { type Task, type TaskQuery, tasksQuery, taskTitle, useComplete, usePlan, useReopen } from './queries'
export { TaskRow } from './TaskRow'
