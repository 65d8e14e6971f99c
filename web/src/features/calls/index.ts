export { DialButton } from './DialButton'
export { OUTCOMES, type Outcome } from './log'
export { useOutcome } from './queries'
export { Recording } from './Recording'
