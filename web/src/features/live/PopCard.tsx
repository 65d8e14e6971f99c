import { CloseButton } from '@mantine/core'
import { IconPhoneFilled } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { personScreen } from '~/features/card/queries'
import { isNameless, readable } from '~/features/cards/phones'
import { useStages } from '~/features/deals/queries'
import { useMay } from '~/features/sessions/session'
import { Brief } from '~/features/timeline/Brief'
import { money, talkTime } from '~/ui/formats'
import { useLive } from './LiveProvider'
import { PopName } from './PopName'
import { PopOthers } from './PopOthers'
import { PopOutcome } from './PopOutcome'
import classes from './Pops.module.css'
import type { Pop } from './pops'

const LINES = 3

/** One call at my phone: who, what was before, what came of it. `keyed` is the one the digits speak of. */
export function PopCard({ pop, keyed }: { pop: Pop; keyed: boolean }) {
  const { t } = useTranslation()
  const { dismiss } = useLive()
  const maySay = useMay('call:update')
  const known = useQuery({ ...personScreen(pop.person_id ?? ''), enabled: pop.person_id !== null })
  const stages = useStages()
  const person = known.data?.person
  const name = person?.name ?? pop.person_name ?? pop.phone ?? t('pop.hidden')
  const deal = known.data?.work?.deals[0]
  const stage = deal && stages.get(deal.stage_id)?.name
  const before = known.data?.timeline.items.filter((item) => item.id !== pop.call_id).slice(0, LINES) ?? []
  return (
    <section className={classes.pop} data-status={pop.status} aria-label={t(`pop.${pop.status}`)}>
      <span className={classes.icon}>
        <IconPhoneFilled size={18} />
      </span>
      <div className={classes.what}>
        <p className={classes.status}>
          {t(`pop.${pop.status}`)} {pop.status !== 'ended' && <Since at={pop.started_at} />}
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
      {pop.phone && pop.person_id && <PopOthers pop={pop} phone={pop.phone} />}
      {before.length > 0 && (
        <ul className={classes.before} aria-label={t('pop.before')}>
          {before.map((item) => (
            <Brief key={`${item.kind}${item.id}`} item={item} />
          ))}
        </ul>
      )}
      {person && isNameless(person.name) && <PopName person={person} />}
      {pop.status !== 'ringing' && maySay && (
        <PopOutcome callId={pop.call_id} over={pop.status === 'ended'} keyed={keyed} />
      )}
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
