export { CardFrame, CardSkeleton } from './CardFrame'
export { Fact, Facts } from './Facts'
export { companyScreen, personScreen } from './queries'
export { Reach } from './Reach'
