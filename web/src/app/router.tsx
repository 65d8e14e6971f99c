import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { ApiProblem } from '~/api/problem'
import { cardsSearch } from '~/features/cards/filters'
import { isKind } from '~/features/imports/kinds'
import { importSearch, newImportSearch } from '~/features/imports/search'
import { dealsSearch } from '~/features/deals/filters'
import { figuresSearch } from '~/features/reports/period'
import { forgetSignedIn, sessionQuery, wasSignedIn } from '~/features/sessions/session'
import { tasksSearch } from '~/features/tasks/search'
import { usersSearch } from '~/features/users/list'
import { Lost, Oops } from './Lost'
import { speakLike } from './language'
import { queries } from './queries'

const root = createRootRoute({ component: Outlet, notFoundComponent: Lost })

/** Where to go after signing in: only ever a page of ours. */
function nextSearch(search: Record<string, unknown>): { next?: string } {
  const { next } = search
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : {}
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: nextSearch,
  component: lazyRouteComponent(() => import('~/features/sessions/SignInPage'), 'SignInPage'),
})

const ownPassword = createRoute({
  getParentRoute: () => root,
  path: '/own-password',
  validateSearch: nextSearch,
  component: lazyRouteComponent(() => import('~/features/sessions/OwnPasswordPage'), 'OwnPasswordPage'),
})

const leaveDemo = createRoute({
  getParentRoute: () => root,
  path: '/leave-demo',
  component: lazyRouteComponent(() => import('~/features/demo/LeaveDemoPage'), 'LeaveDemoPage'),
})

/** Everything below is for who is signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ location }) => {
    const search = { next: location.href }
    if (!wasSignedIn()) throw redirect({ to: '/sign-in', search })
    try {
      const session = await queries.ensureQueryData(sessionQuery)
      if (session.password_change_required) throw redirect({ to: '/own-password', search })
      await speakLike(session.user.locale)
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error
      forgetSignedIn()
      throw redirect({ to: '/sign-in', search })
    }
  },
  component: lazyRouteComponent(() => import('./Shell'), 'Shell'),
  errorComponent: Oops,
})

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/day' })
  },
})

const day = createRoute({
  getParentRoute: () => inside,
  path: '/day',
  component: lazyRouteComponent(() => import('~/features/day/DayPage'), 'DayPage'),
})

const tasks = createRoute({
  getParentRoute: () => inside,
  path: '/tasks',
  validateSearch: tasksSearch,
  component: lazyRouteComponent(() => import('~/features/tasks/TasksPage'), 'TasksPage'),
})

const people = createRoute({
  getParentRoute: () => inside,
  path: '/people',
  validateSearch: cardsSearch,
  component: lazyRouteComponent(() => import('~/features/people/PeoplePage'), 'PeoplePage'),
})

const person = createRoute({
  getParentRoute: () => inside,
  path: '/people/$id',
  component: lazyRouteComponent(() => import('~/features/people/PersonPage'), 'PersonPage'),
})

const companies = createRoute({
  getParentRoute: () => inside,
  path: '/companies',
  validateSearch: cardsSearch,
  component: lazyRouteComponent(() => import('~/features/companies/CompaniesPage'), 'CompaniesPage'),
})

const company = createRoute({
  getParentRoute: () => inside,
  path: '/companies/$id',
  component: lazyRouteComponent(() => import('~/features/companies/CompanyPage'), 'CompanyPage'),
})

const deals = createRoute({
  getParentRoute: () => inside,
  path: '/deals',
  validateSearch: dealsSearch,
  component: lazyRouteComponent(() => import('~/features/deals/DealsPage'), 'DealsPage'),
})

const figures = createRoute({
  getParentRoute: () => inside,
  path: '/figures',
  validateSearch: figuresSearch,
  component: lazyRouteComponent(() => import('~/features/reports/FiguresPage'), 'FiguresPage'),
})

const imports = createRoute({
  getParentRoute: () => inside,
  path: '/imports',
  component: lazyRouteComponent(() => import('~/features/imports/ImportsPage'), 'ImportsPage'),
})

const newImport = createRoute({
  getParentRoute: () => inside,
  path: '/imports/new',
  validateSearch: newImportSearch,
  component: lazyRouteComponent(() => import('~/features/imports/NewImportPage'), 'NewImportPage'),
})

const importJob = createRoute({
  getParentRoute: () => inside,
  path: '/imports/$kind/$id',
  validateSearch: importSearch,
  beforeLoad: ({ params }) => {
    if (!isKind(params.kind)) throw notFound()
  },
  component: lazyRouteComponent(() => import('~/features/imports/ImportPage'), 'ImportPage'),
})

const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('~/features/settings/SettingsFrame'), 'SettingsFrame'),
})

const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyRouteComponent(() => import('~/features/settings/SettingsHome'), 'SettingsHome'),
})

const users = createRoute({
  getParentRoute: () => settings,
  path: 'users',
  validateSearch: usersSearch,
  component: lazyRouteComponent(() => import('~/features/users/UsersPage'), 'UsersPage'),
})

const teams = createRoute({
  getParentRoute: () => settings,
  path: 'teams',
  component: lazyRouteComponent(() => import('~/features/teams/TeamsPage'), 'TeamsPage'),
})

const connections = createRoute({
  getParentRoute: () => settings,
  path: 'connections',
  component: lazyRouteComponent(() => import('~/features/connections/ConnectionsPage'), 'ConnectionsPage'),
})

const connection = createRoute({
  getParentRoute: () => settings,
  path: 'connections/$id',
  component: lazyRouteComponent(() => import('~/features/connections/ConnectionPage'), 'ConnectionPage'),
})

const routes = root.addChildren([
  signIn,
  ownPassword,
  leaveDemo,
  inside.addChildren([
    home,
    day,
    tasks,
    people,
    person,
    companies,
    company,
    deals,
    figures,
    imports,
    newImport,
    importJob,
    settings.addChildren([settingsHome, users, teams, connections, connection]),
  ]),
])

export const router = createRouter({
  routeTree: routes,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: Oops,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
