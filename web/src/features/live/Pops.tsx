import { CloseButton } from '@mantine/core'
import { IconPhoneFilled } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { personScreen } from '~/features/card/queries'
import { isNameless, readable } from '~/features/cards/phones'
import { useStages } from '~/features/deals/queries'
import { money, talkTime } from '~/ui/formats'
import { useKey } from '~/ui/keys'
import { useLive } from './LiveProvider'
import classes from './Pops.module.css'
import type { Pop } from './pops'

/** Who rings or talks at my phone, over whatever is on the screen; `p` opens the newest one's card. */
export function Pops() {
  const { pops, silent } = useLive()
  const { t } = useTranslation()
  const navigate = useNavigate()
  const id = pops.findLast((pop) => pop.person_id)?.person_id
  useKey(
    'p',
    useCallback(() => id && navigate({ to: '/people/$id', params: { id } }), [id, navigate]),
  )
  return (
    <div className={classes.stack} role="log" aria-live="assertive" aria-label={t('pop.label')}>
      {silent && <p className={classes.silent}>{t('pop.silent')}</p>}
      {pops.map((pop) => (
        <PopCard key={pop.call_id} pop={pop} />
      ))}
    </div>
  )
}

function PopCard({ pop }: { pop: Pop }) {
  const { t } = useTranslation()
  const { dismiss } = useLive()
  const known = useQuery({ ...personScreen(pop.person_id ?? ''), enabled: pop.person_id !== null })
  const stages = useStages()
  const name = pop.person_name ?? known.data?.person.name ?? pop.phone ?? t('pop.hidden')
  const deal = known.data?.work?.deals[0]
  const stage = deal && stages.get(deal.stage_id)?.name
  return (
    <section className={classes.pop} data-status={pop.status} aria-label={t(`pop.${pop.status}`)}>
      <span className={classes.icon}>
        <IconPhoneFilled size={18} />
      </span>
      <div className={classes.what}>
        <p className={classes.status}>
          {t(`pop.${pop.status}`)} <Since at={pop.started_at} />
        </p>
        <p className={classes.name}>{readable(name)}</p>
        <p className={classes.small}>
          {pop.phone && !isNameless(name) && <span className="num">{readable(pop.phone)}</span>}
          {pop.person_created && <span>{t('pop.new')}</span>}
          {deal && (
            <span>
              {[stage, Number(deal.amount) > 0 && money(deal.amount, deal.currency)].filter(Boolean).join(', ')}
            </span>
          )}
        </p>
      </div>
      <CloseButton size="sm" aria-label={t('pop.dismiss')} onClick={() => dismiss(pop.call_id)} />
      {pop.person_id && (
        <Link to="/people/$id" params={{ id: pop.person_id }} className={classes.open}>
          {t('pop.open')}
          <kbd>P</kbd>
        </Link>
      )}
    </section>
  )
}

function Since({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(ticking)
  }, [])
  // Of no use to a reader that would say it each second.
  return (
    <span className="num" aria-hidden="true">
      {talkTime(Math.max(0, Math.floor((now - new Date(at).getTime()) / 1000)))}
    </span>
  )
}
