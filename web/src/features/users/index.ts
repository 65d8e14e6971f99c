export { Colleague } from './Colleague'
export { type User, useColleagues, usersQuery } from './queries'
