import { sessionQuery, wasSignedIn } from '~/features/sessions/session'
import { queries } from './queries'
import { router } from './router'

/** Asks at once for what the page of this address needs, which would else be asked for one after another. */
export function askAhead(): void {
  const known = wasSignedIn()
  if (known) queries.prefetchQuery(sessionQuery)
  const [routes] = router.getMatchedRoutes(known ? window.location.pathname : '/sign-in')
  // What does not come is asked for again, and told of, where it is needed.
  for (const route of routes) router.loadRouteChunk(route)?.catch(() => undefined)
}
