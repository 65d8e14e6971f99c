export { type Company, companiesQuery } from './queries'
