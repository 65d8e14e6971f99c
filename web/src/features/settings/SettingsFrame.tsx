import { IconLock } from '@tabler/icons-react'
import { Link, Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMay } from '~/features/sessions/session'
import { Empty } from '~/ui/feedback/Empty'
import { PageHead } from '~/ui/Page'
import { PARTS } from './parts'
import classes from './Settings.module.css'

/** The frame of what administrators look after; others are told whose it is. */
export function SettingsFrame() {
  const { t } = useTranslation()
  const may = useMay('user:update')
  if (!may) {
    return (
      <Empty icon={<IconLock size={22} stroke={1.6} />} title={t('settings.notYours')}>
        {t('settings.notYoursText')}
      </Empty>
    )
  }
  return (
    <>
      <PageHead title={t('settings.title')} />
      <nav className={classes.tabs} aria-label={t('settings.title')}>
        {PARTS.map(({ to, word }) => (
          <Link
            key={to}
            to={to}
            className={classes.tab}
            activeOptions={{ includeSearch: false }}
            activeProps={{ 'data-here': true, 'aria-current': 'page' }}
          >
            {t(word)}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  )
}
