import { IconAlertCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '~/api/problem'
import { wordsOf } from '~/ui/feedback/words'
import classes from './Door.module.css'

/** Why one is not in yet, and what to do. Too many tries: how long to wait. */
export function Refused({ error }: { error: unknown }) {
  const { t } = useTranslation()
  if (!error) return null
  const { title, advice } = wordsOf(error, t)
  const wait = error instanceof ApiProblem && error.status === 429 ? error.retryAfterS : null
  return (
    <div className={classes.refused} role="alert">
      <IconAlertCircle size={18} stroke={1.8} style={{ flex: 'none', marginTop: 1 }} />
      <div>
        <strong>{title}</strong>
        {wait ? t('door.wait', { count: Math.ceil(wait) }) : advice}
      </div>
    </div>
  )
}
