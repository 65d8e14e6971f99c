export { CardTasks } from './CardTasks'
export { Due } from './Due'
export { type Task, type TaskQuery, tasksQuery, useComplete, usePlan } from './queries'
export { TaskRow } from './TaskRow'
