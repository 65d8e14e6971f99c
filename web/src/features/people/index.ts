export { type Person, peopleQuery, personQuery } from './queries'
export { sourceWord } from './sources'
