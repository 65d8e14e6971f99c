export { Composer } from './Composer'
export { Timeline } from './Timeline'
