import { Button } from '@mantine/core'
import { IconMapOff } from '@tabler/icons-react'
import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'

/** No page has this address. */
export function Lost() {
  const { t } = useTranslation()
  return (
    <Empty
      icon={<IconMapOff size={22} stroke={1.6} />}
      title={t('lost.title')}
      action={
        <Button component={Link} to="/" variant="default">
          {t('lost.home')}
        </Button>
      }
    >
      {t('lost.text')}
    </Empty>
  )
}

/** A page could not be made: what happened, and a way to try again. */
export function Oops({ error }: ErrorComponentProps) {
  return <Trouble error={error} again={() => window.location.reload()} />
}
