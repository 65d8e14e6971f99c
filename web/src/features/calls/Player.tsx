import { IconPlayerPauseFilled, IconPlayerPlayFilled } from '@tabler/icons-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { talkTime } from '~/ui/formats'
import classes from './Player.module.css'
import { actOf, nextSpeed, type Speed } from './playing'

let heard: HTMLAudioElement | null = null

/** Plays a call's recording: a button until it is pressed, then a bar to go along, and how fast. One plays at a time. */
export function Player({ callId, seconds }: { callId: string; seconds: number | null }) {
  const { t } = useTranslation()
  const audio = useRef<HTMLAudioElement>(null)
  const [begun, setBegun] = useState(false)
  const [playing, setPlaying] = useState(false)
  const [lost, setLost] = useState(false)
  const [at, setAt] = useState(0)
  const [length, setLength] = useState(seconds ?? 0)
  const [speed, setSpeed] = useState<Speed>(1)

  useEffect(() => {
    const sound = audio.current
    return () => sound?.pause()
  }, [])

  function toggle() {
    const sound = audio.current
    if (!sound) return
    if (!sound.paused) return sound.pause()
    if (heard && heard !== sound) heard.pause()
    heard = sound
    setBegun(true)
    setLost(false)
    sound.playbackRate = speed
    sound.play().catch(() => setLost(sound.error !== null))
  }

  function go(to: number) {
    if (audio.current) audio.current.currentTime = to
    setAt(to)
  }

  function pressed(event: KeyboardEvent) {
    const act = begun || event.key === ' ' ? actOf(event.key, at, length) : null
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    if (act.act === 'toggle') toggle()
    else go(act.to)
  }

  function faster() {
    const next = nextSpeed(speed)
    setSpeed(next)
    if (audio.current) audio.current.playbackRate = next
  }

  const Icon = playing ? IconPlayerPauseFilled : IconPlayerPlayFilled
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys act on the controls inside
    <div className={classes.player} data-begun={begun || undefined} onKeyDown={pressed}>
      {/* biome-ignore lint/a11y/useMediaCaption: nobody has written down what was said */}
      <audio
        ref={audio}
        src={`/api/v1/calls/${callId}/recording`}
        preload="none"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setPlaying(false)}
        onError={() => setLost(true)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onLoadedMetadata={({ currentTarget: { duration } }) => Number.isFinite(duration) && setLength(duration)}
      />
      <button
        type="button"
        className={classes.play}
        aria-label={t(playing ? 'recording.pause' : 'recording.play')}
        onClick={toggle}
      >
        <Icon size={14} />
      </button>
      {begun && (
        <input
          type="range"
          className={classes.bar}
          min={0}
          max={Math.max(length, 0.1)}
          step={0.1}
          value={Math.min(at, length)}
          onChange={(event) => go(Number(event.currentTarget.value))}
          aria-label={t('recording.place')}
          aria-valuetext={talkTime(Math.floor(at))}
        />
      )}
      <span className={classes.time}>
        {begun ? `${talkTime(Math.floor(at))} / ` : ''}
        {length ? talkTime(Math.round(length)) : '–:––'}
      </span>
      {begun && (
        <button type="button" className={classes.speed} onClick={faster} aria-label={t('recording.speed', { speed })}>
          {speed}×
        </button>
      )}
      {lost && (
        <span className={classes.lost} role="alert">
          {t('recording.lost')}
        </span>
      )}
    </div>
  )
}
