import { IconBuilding, IconSearch, IconUsers } from '@tabler/icons-react'
import { Link, type LinkProps } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMay } from '~/features/sessions/session'
import { Brand } from '~/ui/Brand'
import { commandKey } from '~/ui/platform'
import { Me } from './Me'
import classes from './Navigation.module.css'

const PLACES = [
  { to: '/people', word: 'nav.people', grant: 'person:read', Icon: IconUsers },
  { to: '/companies', word: 'nav.companies', grant: 'company:read', Icon: IconBuilding },
] as const satisfies readonly { to: LinkProps['to']; word: string; grant: string; Icon: typeof IconUsers }[]

/** Where one can go: a column at the side of a wide screen, a bar under a narrow one. */
export function Navigation({ onFind }: { onFind: () => void }) {
  const { t } = useTranslation()
  return (
    <nav className={classes.nav} aria-label={t('nav.label')}>
      <Link to="/" className={classes.brand} aria-label="Voronka">
        <Brand />
        <span>Voronka</span>
      </Link>
      <button type="button" className={classes.find} onClick={onFind} aria-keyshortcuts="Control+K Meta+K /">
        <IconSearch size={18} stroke={1.7} />
        <span className={classes.word}>{t('nav.search')}</span>
        <kbd>{commandKey('K')}</kbd>
      </button>
      <ul className={classes.places}>
        {PLACES.map((place) => (
          <Place key={place.to} {...place} />
        ))}
      </ul>
      <Me />
    </nav>
  )
}

function Place({ to, word, grant, Icon }: (typeof PLACES)[number]) {
  const { t } = useTranslation()
  if (!useMay(grant)) return null
  return (
    <li>
      <Link to={to} className={classes.place} activeProps={{ 'data-here': true, 'aria-current': 'page' }}>
        <Icon size={18} stroke={1.7} />
        <span className={classes.word}>{t(word)}</span>
      </Link>
    </li>
  )
}
