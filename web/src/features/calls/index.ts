export { DialButton } from './DialButton'
