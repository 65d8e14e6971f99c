import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import settings from '~/features/settings/Settings.module.css'
import { CopyLine } from '~/ui/CopyLine'

/** What somebody needs to sign in the first time; the password is shown this once. */
export function OneTimePassword({
  email,
  password,
  onClose,
}: {
  email: string
  password: string
  onClose: () => void
}) {
  const { t } = useTranslation()
  return (
    <div className={settings.form}>
      <p className={settings.quiet}>{t('users.passwordText')}</p>
      <CopyLine label={t('users.address')} value={window.location.origin} />
      <CopyLine label={t('users.email')} value={email} />
      <CopyLine label={t('password.oneTime')} value={password} />
      <p className={settings.warn}>{t('users.passwordOnce')}</p>
      <div className={settings.buttons}>
        <Button onClick={onClose}>{t('users.passwordKept')}</Button>
      </div>
    </div>
  )
}
