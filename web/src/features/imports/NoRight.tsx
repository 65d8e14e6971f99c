import { Button } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Empty } from '~/ui/feedback/Empty'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'

/** Said to who came by an address that is not for their role. */
export function NoRight() {
  const { t } = useTranslation()
  useTitle(t('imports.title'))
  return (
    <>
      <PageHead title={t('imports.title')} />
      <Empty
        icon={<IconLock size={22} stroke={1.6} />}
        title={t('imports.noRight')}
        action={
          <Button component={Link} to="/" variant="default">
            {t('lost.home')}
          </Button>
        }
      >
        {t('imports.noRightText')}
      </Empty>
    </>
  )
}
