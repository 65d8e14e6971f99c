import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useTitle } from '~/ui/useTitle'
import { PARTS } from './parts'
import classes from './Settings.module.css'

/** Where an administrator begins. */
export function SettingsHome() {
  const { t } = useTranslation()
  useTitle(t('settings.title'))
  return (
    <div className={classes.page}>
      <div className={classes.doors}>
        {PARTS.map(({ to, word, text, Icon }) => (
          <Link key={to} to={to} className={classes.door}>
            <Icon size={20} stroke={1.7} />
            <b>{t(word)}</b>
            <span>{t(text)}</span>
          </Link>
        ))}
      </div>
    </div>
  )
}
