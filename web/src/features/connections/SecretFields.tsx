import { Button, PasswordInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '~/api/problem'
import classes from './Connections.module.css'
import { SECRETS, type Secret, type Vendor } from './draft'

export type Secrets = Partial<Record<Secret, string>>

interface Props {
  vendor: Vendor
  value: Secrets
  /** Which are kept already; they are never shown again. */
  kept: readonly string[]
  error: unknown
  onChange: (value: Secrets) => void
}

/** What a PBX proves itself with: goes in and never comes out. */
export function SecretFields({ vendor, value, kept, error, onChange }: Props) {
  const { t } = useTranslation()
  const refused = (field: string) => error instanceof ApiProblem && error.errors.some((each) => each.field === field)
  return (
    <>
      {SECRETS[vendor].map((secret) => (
        <div key={secret} className={classes.rows}>
          <PasswordInput
            w="100%"
            autoComplete="off"
            label={t(`connections.secret.${secret}.name`)}
            description={t(`connections.secret.${secret}.text`)}
            placeholder={kept.includes(secret) ? t('connections.secretKept') : ''}
            value={value[secret] ?? ''}
            error={refused(secret) && t('connections.secretRule')}
            visibilityToggleButtonProps={{ 'aria-label': t('door.showPassword') }}
            onChange={(event) => onChange({ ...value, [secret]: event.currentTarget.value })}
          />
          {secret === 'hook_secret' && !value[secret] && (
            <Button size="compact-sm" variant="subtle" onClick={() => onChange({ ...value, [secret]: invented() })}>
              {t('connections.invent')}
            </Button>
          )}
        </div>
      ))}
    </>
  )
}

/** 32 random bytes that any configuration takes. */
function invented(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
