import { Modal } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, body, idempotencyKey } from '~/api/http'
import { tellTrouble } from '~/ui/feedback/tell'
import { OneTimePassword } from './OneTimePassword'
import { makeOneTimePassword } from './queries'
import { type UserDraft, UserFields } from './UserFields'

/** A new colleague, and the password with which they sign in the first time. */
export function AddUser({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation()
  const queries = useQueryClient()
  const making = useMutation({
    mutationFn: async (draft: UserDraft) => {
      const params = { header: { 'idempotency-key': idempotencyKey() } }
      const user = body(await api.POST('/api/v1/users', { params, body: draft }))
      queries.invalidateQueries({ queryKey: ['users'] })
      try {
        return { email: draft.email, password: await makeOneTimePassword(user.id) }
      } catch (error) {
        // The colleague is there; a password can be made on their page.
        tellTrouble(error)
        onClose()
        return null
      }
    },
  })
  const begin = { name: '', email: '', role: 'salesperson', team_id: null, locale: i18n.language }
  return (
    <Modal
      opened
      onClose={onClose}
      title={making.data ? t('users.added') : t('users.add')}
      size={480}
      closeOnClickOutside={false}
    >
      {making.data ? (
        <OneTimePassword {...making.data} onClose={onClose} />
      ) : (
        <UserFields
          begin={begin}
          error={making.error}
          busy={making.isPending}
          submit={t('users.add')}
          onSubmit={(draft) => making.mutate(draft)}
          onCancel={onClose}
        />
      )}
    </Modal>
  )
}
