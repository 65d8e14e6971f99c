import {
  IconPhoneCall,
  IconPhoneIncoming,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconPhoneX,
  IconSwitchHorizontal,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './Calls.module.css'
import { type Call, markOf } from './log'

const ICONS = {
  in: IconPhoneIncoming,
  out: IconPhoneOutgoing,
  internal: IconSwitchHorizontal,
  missed: IconPhoneX,
  failed: IconPhoneOff,
  live: IconPhoneCall,
} as const

/** What a call is at a glance. */
export function CallIcon({ call }: { call: Pick<Call, 'phase' | 'direction' | 'result'> }) {
  const { t } = useTranslation()
  const mark = markOf(call)
  const Icon = ICONS[mark]
  return (
    <i className={classes.icon} data-mark={mark} role="img" aria-label={t(`calls.direction.${call.direction}`)}>
      <Icon size={16} stroke={1.8} />
    </i>
  )
}
