import { Modal } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, body, idempotencyKey } from '~/api/http'
import { useSession } from '~/features/sessions/session'
import { tellDone } from '~/ui/feedback/tell'
import { CardForm } from './CardForm'
import type { Draft } from './draft'

/** A new card; afterwards one stands on it, told of cards that look like it. */
export function NewCard({
  kind,
  opened,
  onClose,
}: {
  kind: 'person' | 'company'
  opened: boolean
  onClose: () => void
}) {
  const { t } = useTranslation()
  const router = useRouter()
  const queries = useQueryClient()
  const me = useSession().user.id
  const begin: Draft = { name: '', owner_id: me, phones: [{ raw: '', kind: 'mobile' }], emails: [{ address: '' }] }
  const making = useMutation({
    mutationFn: async (draft: Draft) => {
      const header = { 'idempotency-key': idempotencyKey() }
      if (kind === 'company') {
        const { id } = body(await api.POST('/api/v1/companies', { params: { header }, body: draft }))
        return { path: `/companies/${id}`, alike: [] as string[] }
      }
      const person = body(await api.POST('/api/v1/people', { params: { header }, body: draft }))
      return { path: `/people/${person.id}`, alike: person.duplicates.map((each) => each.name) }
    },
    onSuccess: ({ path, alike }) => {
      queries.invalidateQueries({ queryKey: [kind === 'person' ? 'people' : 'companies'] })
      onClose()
      router.history.push(path)
      if (alike.length) tellDone(t('form.alike', { names: alike.slice(0, 3).join(', ') }))
    },
  })
  return (
    <Modal opened={opened} onClose={onClose} title={t(`form.new.${kind}`)} size={480}>
      <CardForm
        begin={begin}
        error={making.error}
        busy={making.isPending}
        submit={t('form.create')}
        onSubmit={(draft) => making.mutate(draft)}
        onCancel={onClose}
      />
    </Modal>
  )
}
