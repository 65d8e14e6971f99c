import { useNavigate } from '@tanstack/react-router'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useKey } from '~/ui/keys'
import { useLive } from './LiveProvider'
import { PopCard } from './PopCard'
import classes from './Pops.module.css'

/** Who rings or talks at my phone, over whatever is on the screen; `p` opens the newest one's card. */
export function Pops() {
  const { pops, silent } = useLive()
  const { t } = useTranslation()
  const navigate = useNavigate()
  const id = pops.findLast((pop) => pop.person_id)?.person_id
  const keyed = pops.findLast((pop) => pop.status !== 'ringing')?.call_id
  useKey(
    'p',
    useCallback(() => id && navigate({ to: '/people/$id', params: { id } }), [id, navigate]),
  )
  return (
    <div className={classes.stack} role="log" aria-live="assertive" aria-label={t('pop.label')}>
      {silent && <p className={classes.silent}>{t('pop.silent')}</p>}
      {pops.map((pop) => (
        <PopCard key={pop.call_id} pop={pop} keyed={pop.call_id === keyed} />
      ))}
    </div>
  )
}
