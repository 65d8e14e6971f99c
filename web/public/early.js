// Runs before the first paint, so that a dark screen never flashes white, and who has yet to sign in sees where at once.
;(() => {
  const kept = (name) => {
    try {
      return localStorage.getItem(`voronka.${name}`)
    } catch {
      return null
    }
  }
  const html = document.documentElement
  const chosen = kept('scheme') ?? 'auto'
  const dark = chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  html.dataset.mantineColorScheme = dark ? 'dark' : 'light'

  const path = location.pathname
  const leads = kept('session') === null && path !== '/own-password' && path !== '/leave-demo'
  if (path !== '/sign-in' && !leads) return
  // As src/app/language.ts chooses it.
  const spoken = [kept('language'), ...navigator.languages].map((tag) => (tag ?? '').slice(0, 2).toLowerCase())
  html.lang = spoken.find((tag) => ['en', 'ru', 'sl'].includes(tag)) ?? 'en'
  html.dataset.early = html.lang
})()
