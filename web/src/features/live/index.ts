export { LiveProvider, useLive } from './LiveProvider'
export { Pops } from './Pops'
