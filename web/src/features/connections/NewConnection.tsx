import { Button, Modal, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, body, idempotencyKey } from '~/api/http'
import settings from '~/features/settings/Settings.module.css'
import { usersQuery } from '~/features/users'
import { Refusal } from '~/ui/feedback/Refusal'
import { SECRETS, VENDORS, type Vendor } from './draft'
import { hookKey } from './hookPath'
import { SecretFields, type Secrets } from './SecretFields'

/** A new connection; afterwards one stands on its page, which waits for the first event. */
export function NewConnection({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const users = (useQuery(usersQuery).data ?? []).filter((user) => user.active)
  const [vendor, setVendor] = useState<Vendor>('mango')
  const [name, setName] = useState('')
  const [fallback, setFallback] = useState<string | null>(null)
  const [secrets, setSecrets] = useState<Secrets>({})
  const making = useMutation({
    mutationFn: async (fallback_user_id: string) => {
      const given = Object.fromEntries(SECRETS[vendor].flatMap((key) => (secrets[key] ? [[key, secrets[key]]] : [])))
      const params = { header: { 'idempotency-key': idempotencyKey() } }
      const wanted = { name: name.trim(), vendor, fallback_user_id, ...given }
      return body(await api.POST('/api/v1/connections', { params, body: wanted }))
    },
    onSuccess: ({ id, hook_path }) => {
      queries.setQueryData(hookKey(id), hook_path)
      queries.invalidateQueries({ queryKey: ['connections'] })
      onClose()
      navigate({ to: '/settings/connections/$id', params: { id } })
    },
  })

  function send(event: FormEvent) {
    event.preventDefault()
    if (fallback) making.mutate(fallback)
  }

  return (
    <Modal opened onClose={onClose} title={t('connections.add')} size={480} closeOnClickOutside={false}>
      <form className={settings.form} onSubmit={send} autoComplete="off">
        <SegmentedControl
          fullWidth
          aria-label={t('connections.kind')}
          value={vendor}
          data={VENDORS.map((value) => ({ value, label: t(`connections.vendor.${value}`) }))}
          onChange={(value) => setVendor(value as Vendor)}
        />
        <TextInput
          data-autofocus
          required
          withAsterisk={false}
          maxLength={200}
          label={t('connections.name')}
          placeholder={t('connections.nameExample')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={t('connections.fallback')}
          description={t('connections.fallbackText')}
          searchable
          value={fallback}
          data={users.map((user) => ({ value: user.id, label: user.name }))}
          onChange={setFallback}
        />
        <SecretFields vendor={vendor} value={secrets} kept={[]} error={making.error} onChange={setSecrets} />
        <Refusal error={making.error} />
        <div className={settings.buttons}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={making.isPending} disabled={!name.trim() || !fallback}>
            {t('connections.add')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
