import {
  IconArrowRight,
  IconCircleCheck,
  IconCirclePlus,
  IconListCheck,
  IconMail,
  IconMessage,
  IconNote,
  IconPaperclip,
  IconPhoneIncoming,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconPhoneX,
  IconTrophy,
} from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { OutcomePill, Recording } from '~/features/calls'
import { useStages } from '~/features/deals'
import { FileLink } from '~/features/files'
import { Due } from '~/features/tasks'
import { Colleague } from '~/features/users'
import { bytes, clock, dayAndTime, money, talkTime } from '~/ui/formats'
import { type Meaning, Pill } from '~/ui/Pill'
import { type Event, eventOf, type Item } from './events'
import classes from './Timeline.module.css'

const ICON = { size: 16, stroke: 1.7 } as const

/** One thing that happened: what, by whom, when. */
export function Line({ item }: { item: Item }) {
  const event = eventOf(item)
  switch (event.kind) {
    case 'call':
      return <CallLine item={item} event={event} />
    case 'task':
      return <TaskLine item={item} event={event} />
    case 'message':
      return <MessageLine item={item} event={event} />
    case 'note':
      return <NoteLine item={item} event={event} />
    case 'file':
      return <FileLine item={item} event={event} />
    case 'deal':
      return <DealLine item={item} event={event} />
  }
}

type Of<Kind extends Event['kind']> = { item: Item; event: Extract<Event, { kind: Kind }> }

function Frame({
  item,
  icon,
  meaning = 'plain',
  children,
}: {
  item: Item
  icon: ReactNode
  meaning?: Meaning
  children: ReactNode
}) {
  return (
    <li className={classes.line}>
      <span className={classes.icon} data-meaning={meaning}>
        {icon}
      </span>
      <div className={classes.what}>{children}</div>
      <time className={classes.time} dateTime={item.happened_at} title={dayAndTime(item.happened_at)}>
        {clock(item.happened_at)}
      </time>
    </li>
  )
}

function CallLine({ item, event: { call, mark } }: Of<'call'>) {
  const { t } = useTranslation()
  const out = call.direction === 'out'
  const Icon = mark === 'missed' ? (out ? IconPhoneOff : IconPhoneX) : out ? IconPhoneOutgoing : IconPhoneIncoming
  const who = call.answered_by ?? call.responsible_user_id
  return (
    <Frame item={item} icon={<Icon {...ICON} />} meaning={mark === 'missed' && !out ? 'bad' : 'plain'}>
      <p className={classes.title}>
        {out ? t('timeline.callOut') : t('timeline.callIn')}
        {call.result ? (
          <Pill meaning={mark === 'missed' && !out ? 'bad' : 'plain'}>{t(`callResult.${call.result}`)}</Pill>
        ) : (
          <Pill meaning="accent">{t(`callPhase.${call.phase}`)}</Pill>
        )}
        <OutcomePill call={call} />
      </p>
      <p className={classes.small}>
        {who && <Colleague id={who} face={false} />}
        {call.talk_s > 0 && <span className="num">{t('timeline.talk', { time: talkTime(call.talk_s) })}</span>}
      </p>
      <Recording callId={item.id} recording={call.recording} />
    </Frame>
  )
}

function TaskLine({ item, event: { task, title, note } }: Of<'task'>) {
  const { t } = useTranslation()
  const done = task.status === 'done'
  return (
    <Frame
      item={item}
      icon={done ? <IconCircleCheck {...ICON} /> : <IconListCheck {...ICON} />}
      meaning={done ? 'good' : 'plain'}
    >
      <p className={classes.title}>
        {task.kind === 'callback' ? t('tasks.callBack') : (title ?? t('timeline.erased'))}
        {done && <Pill meaning="good">{t('tasks.done')}</Pill>}
      </p>
      <p className={classes.small}>
        <Colleague id={item.owner_id} face={false} />
        {!done && <Due at={task.due_at} />}
        {task.kind === 'callback' && task.misses > 1 && <span>{t('tasks.misses', { count: task.misses })}</span>}
      </p>
      {note && <p className={classes.text}>{note}</p>}
    </Frame>
  )
}

function MessageLine({ item, event: { message, subject, text, failed } }: Of<'message'>) {
  const { t } = useTranslation()
  const [whole, setWhole] = useState(false)
  const mail = message.channel === 'email'
  return (
    <Frame
      item={item}
      icon={mail ? <IconMail {...ICON} /> : <IconMessage {...ICON} />}
      meaning={failed ? 'bad' : 'plain'}
    >
      <p className={classes.title}>
        {subject ?? (mail ? t('timeline.mail') : t('timeline.sms'))}
        <Pill meaning={failed ? 'bad' : message.status === 'delivered' ? 'good' : 'plain'}>
          {t(`messageStatus.${message.status}`)}
        </Pill>
      </p>
      {text && (
        <button type="button" className={classes.letter} aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {text}
        </button>
      )}
    </Frame>
  )
}

function NoteLine({ item, event: { note, text } }: Of<'note'>) {
  const { t } = useTranslation()
  return (
    <Frame item={item} icon={<IconNote {...ICON} />}>
      <p className={classes.note}>{text ?? t('timeline.erased')}</p>
      <p className={classes.small}>
        <Colleague id={note.author_id} face={false} />
      </p>
    </Frame>
  )
}

function FileLine({ item, event: { file, name } }: Of<'file'>) {
  const { t } = useTranslation()
  return (
    <Frame item={item} icon={<IconPaperclip {...ICON} />}>
      <p className={classes.title}>{name ? <FileLink file={{ ...file, name }} /> : t('timeline.erased')}</p>
      <p className={classes.small}>
        <Colleague id={file.author_id} face={false} />
        <span className="num">{bytes(file.size)}</span>
      </p>
    </Frame>
  )
}

function DealLine({ item, event: { deal, title, from, to, meaning } }: Of<'deal'>) {
  const { t } = useTranslation()
  const stages = useStages()
  const icon =
    meaning === 'good' ? <IconTrophy {...ICON} /> : from ? <IconArrowRight {...ICON} /> : <IconCirclePlus {...ICON} />
  const nameOf = (id: string) => stages.get(id)?.name ?? '…'
  return (
    <Frame item={item} icon={icon} meaning={meaning}>
      <p className={classes.title}>
        {title ?? t('timeline.erased')}
        <span className={classes.move}>
          {from && (
            <>
              <span>{nameOf(from)}</span>
              <IconArrowRight size={13} stroke={1.8} aria-label={t('timeline.to')} />
            </>
          )}
          <Pill meaning={meaning}>{nameOf(to)}</Pill>
        </span>
      </p>
      <p className={classes.small}>
        {from ? null : <span>{t('timeline.dealCreated')}</span>}
        {Number(deal.amount) > 0 && <span className="num">{money(deal.amount, deal.currency)}</span>}
        {deal.loss_reason && <span>{deal.loss_reason}</span>}
        <Colleague id={item.owner_id} face={false} />
      </p>
    </Frame>
  )
}
