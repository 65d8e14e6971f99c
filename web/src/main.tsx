import './ui/theme/mantine'
import './ui/theme/tokens.css'
import './ui/theme/base.css'
import './ui/door.css'
import './app/early.css'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { askAhead } from './app/ahead'
import { endEarly } from './app/early'
import { Look } from './app/Look'
import { startLanguage } from './app/language'
import { queries } from './app/queries'
import { router } from './app/router'

const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? ''

// Where the dialog's lock of scrolling looks for the nonce of its style element.
Object.assign(window, { __webpack_nonce__: nonce })

// A page left open over an upgrade asks for files that are gone: the new page brings the new ones.
window.addEventListener('vite:preloadError', () => window.location.reload())

const root = document.getElementById('root')
if (root) {
  const words = startLanguage()
  askAhead()
  await words
  const drawn = router.subscribe('onRendered', () => {
    endEarly()
    drawn()
  })
  createRoot(root).render(
    <Look nonce={nonce}>
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-center" limit={3} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Look>,
  )
}
