import { IconSearch } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMay } from '~/features/sessions/session'
import { Brand } from '~/ui/Brand'
import { commandKey } from '~/ui/platform'
import { Me } from './Me'
import classes from './Navigation.module.css'
import { PLACES } from './places'

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

function Place({ to, word, grant, narrow, Icon }: (typeof PLACES)[number]) {
  const { t } = useTranslation()
  if (!useMay(grant)) return null
  return (
    <li data-wide={!narrow || undefined}>
      <Link to={to} className={classes.place} activeProps={{ 'data-here': true, 'aria-current': 'page' }}>
        <Icon size={18} stroke={1.7} />
        <span className={classes.word}>{t(word)}</span>
      </Link>
    </li>
  )
}
