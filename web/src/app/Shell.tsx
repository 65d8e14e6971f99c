import { createTheme, MantineThemeProvider } from '@mantine/core'
import { Outlet, useRouter } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { whenSessionIsOver } from '~/api/http'
import { LiveProvider, Pops } from '~/features/live'
import { forgetSignedIn, may, useSession } from '~/features/sessions/session'
import { useKey } from '~/ui/keys'
import { Navigation } from './Navigation'
import { PLACES } from './places'
import { queries } from './queries'
import classes from './Shell.module.css'

const CommandMenu = lazy(() => import('~/features/search').then((part) => ({ default: part.CommandMenu })))

// What drops down belongs to the page it drops over: beside all landmarks a screen reader would not find it.
const OVER_THE_PAGE = createTheme({
  components: { Popover: { defaultProps: { portalProps: { target: '#content' } } } },
})

/** The frame around every page: where one can go, how to find, who one is. */
export function Shell() {
  const { t } = useTranslation()
  const router = useRouter()
  const { grants } = useSession().user
  const places = [
    ...PLACES.filter((place) => may(grants, place.grant)).map(({ to, word }) => ({ to, label: t(word) })),
    { to: '/design', label: t('design.title'), onlyAsked: true },
  ]
  const [finding, setFinding] = useState(false)
  const [everFound, setEverFound] = useState(false)
  const find = useCallback((event?: { preventDefault: () => void }) => {
    event?.preventDefault()
    setEverFound(true)
    setFinding(true)
  }, [])

  useKey('/', find)
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') find(event)
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [find])

  useEffect(
    () =>
      whenSessionIsOver(() => {
        forgetSignedIn()
        queries.clear()
        router.navigate({ to: '/sign-in', search: { next: router.state.location.href } })
      }),
    [router],
  )

  return (
    <LiveProvider>
      <MantineThemeProvider theme={OVER_THE_PAGE}>
        <div className={classes.frame}>
          <a href="#content" className={classes.skip}>
            {t('shell.skip')}
          </a>
          <Navigation onFind={() => find()} />
          <main id="content" className={classes.content} tabIndex={-1}>
            <Outlet />
          </main>
          {everFound && (
            <Suspense fallback={null}>
              <CommandMenu opened={finding} onClose={() => setFinding(false)} places={places} />
            </Suspense>
          )}
          <Pops />
        </div>
      </MantineThemeProvider>
    </LiveProvider>
  )
}
