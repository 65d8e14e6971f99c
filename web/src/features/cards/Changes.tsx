import { Button } from '@mantine/core'
import { IconPencil, IconPlus } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '~/api/http'
import { useMay } from '~/features/sessions/session'

const EditCard = lazy(() => import('./EditCard').then((part) => ({ default: part.EditCard })))
const NewCard = lazy(() => import('./NewCard').then((part) => ({ default: part.NewCard })))

type Kind = 'person' | 'company'

/** Opens the form of a new card; nothing is drawn for who may not make one. */
export function NewCardButton({ kind }: { kind: Kind }) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState(false)
  if (!useMay(`${kind}:create`)) return null
  return (
    <>
      <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={() => setOpened(true)}>
        {t(`form.new.${kind}`)}
      </Button>
      <Suspense fallback={null}>{opened && <NewCard kind={kind} opened onClose={() => setOpened(false)} />}</Suspense>
    </>
  )
}

/** Opens the form of a card; nothing is drawn for who may change none. */
export function EditCardButton({ kind, card }: { kind: Kind; card: Schemas['PersonOut'] | Schemas['CompanyOut'] }) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState(false)
  if (!useMay(`${kind}:update`)) return null
  return (
    <>
      <Button variant="default" leftSection={<IconPencil size={16} stroke={1.7} />} onClick={() => setOpened(true)}>
        {t('form.editCard')}
      </Button>
      <Suspense fallback={null}>
        {opened && <EditCard kind={kind} card={card} opened onClose={() => setOpened(false)} />}
      </Suspense>
    </>
  )
}
