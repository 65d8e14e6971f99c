import { useTranslation } from 'react-i18next'
import { Face } from '~/ui/Face'
import classes from './Colleague.module.css'
import { useColleagues } from './queries'

/** A colleague by name; nobody is said in words. */
export function Colleague({ id, face = true }: { id: string | null; face?: boolean }) {
  const { t } = useTranslation()
  const colleagues = useColleagues()
  if (!id) return <span className={classes.nobody}>{t('users.nobody')}</span>
  const name = colleagues.get(id)?.name ?? ''
  return (
    <span className={classes.colleague}>
      {face && name && <Face name={name} size="sm" />}
      <span>{name}</span>
    </span>
  )
}
