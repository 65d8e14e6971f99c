import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconPhone } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { readable } from '~/features/cards/phones'
import { useMay } from '~/features/sessions/session'
import { type Dialled, useDial } from './useDial'

/** Calls a customer; nothing is drawn for who may not. */
export function DialButton({ personId, phone, wide = false }: Dialled & { wide?: boolean }) {
  const { t } = useTranslation()
  const dial = useDial()
  if (!useMay('call:dial')) return null
  const call = () => dial.mutate({ personId, phone })
  const label = t('calls.dial', { phone: readable(phone) })
  if (wide) {
    return (
      <Button
        leftSection={<IconPhone size={16} stroke={1.8} />}
        loading={dial.isPending}
        onClick={call}
        aria-label={label}
      >
        {t('calls.call')}
      </Button>
    )
  }
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={32} loading={dial.isPending} onClick={call} aria-label={label}>
        <IconPhone size={17} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  )
}
