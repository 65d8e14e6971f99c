import { IconArrowRight, IconListCheck, IconMail, IconMessage, IconNote, IconPaperclip } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { CallIcon } from '~/features/calls/CallIcon'
import { useStages } from '~/features/deals/queries'
import { nearDay } from '~/ui/formats'
import { eventOf, type Item } from './events'
import classes from './Timeline.module.css'

const ICON = { size: 14, stroke: 1.8 } as const

/** One thing that happened, in one line. */
export function Brief({ item }: { item: Item }) {
  const { t } = useTranslation()
  const stages = useStages()
  const event = eventOf(item)
  let icon = <IconNote {...ICON} />
  let words: string
  switch (event.kind) {
    case 'call':
      icon = <CallIcon call={event.call} />
      words = [
        event.call.direction === 'out' ? t('timeline.callOut') : t('timeline.callIn'),
        event.call.outcome
          ? t(`callOutcome.${event.call.outcome}`)
          : event.call.result && t(`callResult.${event.call.result}`),
      ]
        .filter(Boolean)
        .join(': ')
      break
    case 'task':
      icon = <IconListCheck {...ICON} />
      words = event.task.kind === 'callback' ? t('tasks.callBack') : (event.title ?? t('timeline.erased'))
      break
    case 'message':
      icon = event.message.channel === 'email' ? <IconMail {...ICON} /> : <IconMessage {...ICON} />
      words = event.subject ?? event.text ?? t('timeline.erased')
      break
    case 'note':
      words = event.text ?? t('timeline.erased')
      break
    case 'file':
      icon = <IconPaperclip {...ICON} />
      words = event.name ?? t('timeline.erased')
      break
    case 'deal':
      icon = <IconArrowRight {...ICON} />
      words = [event.title ?? t('timeline.erased'), stages.get(event.to)?.name].filter(Boolean).join(': ')
  }
  return (
    <li className={classes.brief}>
      {icon}
      <span>{words}</span>
      <time dateTime={item.happened_at}>{nearDay(item.happened_at)}</time>
    </li>
  )
}
