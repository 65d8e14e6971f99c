export { BoardPage } from './BoardPage'
