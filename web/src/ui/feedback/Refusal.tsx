import { useTranslation } from 'react-i18next'
import classes from './feedback.module.css'
import { wordsOf } from './words'

/** In a form: why it was not taken, and what to do. */
export function Refusal({ error }: { error: unknown }) {
  const { t } = useTranslation()
  if (!error) return null
  const { title, advice } = wordsOf(error, t)
  return (
    <p className={classes.refusal} role="alert">
      <b>{title}.</b> {advice}
    </p>
  )
}
