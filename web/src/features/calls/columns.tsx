import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { readable } from '~/features/cards/phones'
import { Colleague } from '~/features/users'
import { clock, dayAndTime, nearDay, talkTime } from '~/ui/formats'
import type { Column } from '~/ui/list/DataList'
import { Pill } from '~/ui/Pill'
import { CallIcon } from './CallIcon'
import classes from './Calls.module.css'
import { DialButton } from './DialButton'
import { type Call, markOf } from './log'
import { OutcomePill } from './OutcomePill'
import { Recording } from './Recording'

/** What a row of the log shows. */
export function useCallColumns(): readonly Column<Call>[] {
  const { t } = useTranslation()
  return useMemo<readonly Column<Call>[]>(
    () => [
      {
        key: 'who',
        title: t('calls.who'),
        width: 'minmax(12rem, 1.7fr)',
        narrow: 'lead',
        cell: (call) => (
          <>
            <CallIcon call={call} />
            <span>{call.person_name ?? (call.phone ? readable(call.phone) : call.phone_raw || t('pop.hidden'))}</span>
          </>
        ),
      },
      {
        key: 'result',
        title: t('calls.result'),
        width: 'minmax(11rem, 1.5fr)',
        narrow: 'sub',
        cell: (call) => (
          <span className={classes.pills}>
            <Result call={call} />
            <OutcomePill call={call} />
            <time className={classes.when}>{clock(call.started_at)}</time>
          </span>
        ),
      },
      {
        key: 'colleague',
        title: t('calls.colleague'),
        width: 'minmax(8rem, 1.1fr)',
        narrow: 'none',
        cell: (call) => <Colleague id={call.answered_by ?? call.responsible_user_id} />,
      },
      {
        key: 'lasted',
        title: t('calls.lasted'),
        width: '8rem',
        narrow: 'none',
        cell: (call) => (
          <span className="num" title={t('calls.waitAndTalk')}>
            {talkTime(call.ring_s + call.queue_s)} · {call.talk_s ? talkTime(call.talk_s) : '–'}
          </span>
        ),
      },
      {
        key: 'recording',
        title: t('calls.recording'),
        width: 'minmax(13rem, 1.4fr)',
        narrow: 'end',
        cell: (call) => <Last call={call} />,
      },
      {
        key: 'started',
        title: t('calls.started'),
        width: '7.5rem',
        narrow: 'none',
        cell: (call) => (
          <time dateTime={call.started_at} title={dayAndTime(call.started_at)}>
            {nearDay(call.started_at)}, {clock(call.started_at)}
          </time>
        ),
      },
    ],
    [t],
  )
}

function Result({ call }: { call: Call }) {
  const { t } = useTranslation()
  const mark = markOf(call)
  if (!call.result) return <Pill meaning="accent">{t(`callPhase.${call.phase}`)}</Pill>
  const meaning = mark === 'missed' ? (call.called_back_at ? 'plain' : 'bad') : 'plain'
  return <Pill meaning={meaning}>{t(`callResult.${call.result}`)}</Pill>
}

/** Of a talk, what was said; of a missed call, that somebody called back, or the button to. */
function Last({ call }: { call: Call }) {
  const { t } = useTranslation()
  if (markOf(call) !== 'missed') return <Recording callId={call.id} recording={call.recording} />
  if (call.called_back_at) {
    return <span className={classes.back}>{t('calls.calledBack', { at: dayAndTime(call.called_back_at) })}</span>
  }
  if (!call.person_hint_id || !call.phone) return null
  return (
    <span className={classes.act}>
      <DialButton personId={call.person_hint_id} phone={call.phone} />
    </span>
  )
}
