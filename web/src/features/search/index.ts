export { CommandMenu } from './CommandMenu'
