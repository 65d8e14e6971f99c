import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './DataList.module.css'

/** In place of the rows that could not be had. */
export function RestFailed({ again }: { again: () => void }) {
  const { t } = useTranslation()
  return (
    <span className={classes.waiting} role="alert">
      {t('list.restFailed')}
      <Button size="compact-sm" variant="default" onClick={again}>
        {t('common.tryAgain')}
      </Button>
    </span>
  )
}
