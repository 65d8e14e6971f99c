export { CompaniesPage } from './CompaniesPage'
export { CompanyPage } from './CompanyPage'
