import { useTranslation } from 'react-i18next'
import type { Schemas } from '~/api/http'
import { useMay } from '~/features/sessions/session'
import { Player } from './Player'
import classes from './Player.module.css'

/** A call's recording: to be heard, on its way, or why there is none. */
export function Recording({
  callId,
  recording,
}: {
  callId: string
  recording: Schemas['Recording'] | null | undefined
}) {
  const { t } = useTranslation()
  const mayListen = useMay('call:listen')
  if (!recording) return null
  if (recording.state === 'stored' && mayListen) return <Player callId={callId} seconds={recording.duration_s} />
  const why =
    recording.state === 'stored'
      ? t('recording.notForYou')
      : recording.state === 'pending'
        ? t('recording.pending')
        : t(`recording.why.${recording.reason ?? 'unreachable'}`)
  return (
    <span className={classes.why} title={why}>
      {why}
    </span>
  )
}
