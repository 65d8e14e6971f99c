export { CardTasks } from './CardTasks'
export { Due } from './Due'
