import { Button, Modal } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, body, ifMatch } from '~/api/http'
import settings from '~/features/settings/Settings.module.css'
import { CopyLine } from '~/ui/CopyLine'
import { Refusal } from '~/ui/feedback/Refusal'
import { Section } from '~/ui/Section'
import classes from './Connections.module.css'
import type { Vendor } from './draft'
import { hookKey, useHookPath } from './hookPath'
import { newestConnection } from './queries'

/** Where the PBX posts to, how it is set up, and a new address when the old one is lost or known to others. */
export function HookAddress({ id, vendor }: { id: string; vendor: Vendor }) {
  const { t } = useTranslation()
  const path = useHookPath(id)
  const [asked, setAsked] = useState(false)
  const url = path && `${window.location.origin}${path}`
  return (
    <Section
      title={t('connections.setUp')}
      action={
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setAsked(true)}>
          {t('connections.rotate')}
        </Button>
      }
    >
      {url ? (
        <>
          <CopyLine label={t('connections.hookUrl')} value={url} />
          <p className={settings.warn}>{t('connections.hookOnce')}</p>
        </>
      ) : (
        <p className={settings.quiet}>{t('connections.hookHidden')}</p>
      )}
      <ol className={classes.steps}>
        {(['one', 'two', 'three'] as const).map((step) => (
          <li key={step}>{t(`connections.steps.${vendor}.${step}`)}</li>
        ))}
      </ol>
      {vendor === 'generic' && url && (
        <details>
          <summary className={settings.quiet}>{t('connections.try')}</summary>
          <pre className={classes.command}>{trial(url)}</pre>
        </details>
      )}
      {asked && <Rotate id={id} onClose={() => setAsked(false)} />}
    </Section>
  )
}

function Rotate({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const rotating = useMutation({
    mutationFn: async () => {
      const { version } = await newestConnection(id)
      const params = { path: { id }, header: ifMatch(version) }
      return body(await api.POST('/api/v1/connections/{id}/rotate-token', { params }))
    },
    onSuccess: ({ hook_path }) => {
      queries.setQueryData(hookKey(id), hook_path)
      queries.invalidateQueries({ queryKey: ['connections'] })
      onClose()
    },
  })
  return (
    <Modal opened onClose={onClose} title={t('connections.rotate')} size={440}>
      <div className={settings.form}>
        <p>{t('connections.rotateText')}</p>
        <Refusal error={rotating.error} />
        <div className={settings.buttons}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button color="red" loading={rotating.isPending} onClick={() => rotating.mutate()}>
            {t('connections.rotateYes')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}

/** Sends one signed event that belongs to no call: it proves the way and leaves nothing behind. */
function trial(url: string): string {
  return [
    'SECRET=…',
    't=$(date +%s)',
    'body="{\\"event\\":\\"recording.ready\\",\\"event_id\\":\\"try-$t\\",\\"call_id\\":\\"try\\"}"',
    `sign=$(printf '%s.%s' "$t" "$body" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d' ' -f1)`,
    `curl -H 'Content-Type: application/json' -H "X-Signature: t=$t,v1=$sign" -d "$body" \\`,
    `  ${url}`,
  ].join('\n')
}
