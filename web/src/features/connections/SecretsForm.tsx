import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import settings from '~/features/settings/Settings.module.css'
import { Refusal } from '~/ui/feedback/Refusal'
import { tellDone } from '~/ui/feedback/tell'
import { Section } from '~/ui/Section'
import { changeConnection, newestConnection, type PlainConnection } from './queries'
import { SecretFields, type Secrets } from './SecretFields'

/** New secrets in place of those that are kept: nobody can compare them, so the newest entry stands. */
export function SecretsForm({ connection }: { connection: PlainConnection }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [secrets, setSecrets] = useState<Secrets>({})
  const given = Object.fromEntries(Object.entries(secrets).filter(([, secret]) => secret))
  const saving = useMutation({
    mutationFn: async () => changeConnection(await newestConnection(connection.id), given),
    onSuccess: () => {
      setSecrets({})
      queries.invalidateQueries({ queryKey: ['connections'] })
      tellDone(t('form.saved'))
    },
  })

  function send(event: FormEvent) {
    event.preventDefault()
    saving.mutate()
  }

  return (
    <Section title={t('connections.secrets')}>
      <form className={settings.form} onSubmit={send} autoComplete="off">
        <SecretFields
          vendor={connection.vendor}
          value={secrets}
          kept={connection.secrets_set}
          error={saving.error}
          onChange={setSecrets}
        />
        <Refusal error={saving.error} />
        <div className={settings.buttons}>
          <Button type="submit" variant="default" loading={saving.isPending} disabled={!Object.keys(given).length}>
            {t('connections.saveSecrets')}
          </Button>
        </div>
      </form>
    </Section>
  )
}
