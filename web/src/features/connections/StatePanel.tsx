import { useTranslation } from 'react-i18next'
import { ago, dayAndTime } from '~/ui/formats'
import classes from './Connections.module.css'
import type { Connection } from './queries'
import { stateOf } from './state'

/** Whether the PBX is heard: what came and when, or why it is not, and what to do about it. */
export function StatePanel({ connection, now }: { connection: Connection; now: Date }) {
  const { t } = useTranslation()
  const state = stateOf(connection)
  const { first, last, refused } = connection.arrivals
  const [latest] = refused
  return (
    <section className={classes.state} data-state={state} aria-live="polite">
      <h3>
        {(state === 'waiting' || state === 'off') && <span className={classes.dot} />}
        {t(`connections.state.${state}`)}
      </h3>
      {state === 'off' && <p>{t('connections.offText')}</p>}
      {state === 'waiting' && (
        <>
          <p>{t('connections.waitingText')}</p>
          <details>
            <summary>{t('connections.nothing')}</summary>
            <ul>
              <li>{t('connections.nothingReach')}</li>
              <li>{t('connections.nothingAddress')}</li>
              <li>{t('connections.nothingOn')}</li>
            </ul>
          </details>
        </>
      )}
      {state === 'refused' && latest && (
        <>
          <p>
            <b>{t(`connections.reason.${latest.reason}.title`)}</b>, {ago(latest.last_at, now)}
          </p>
          <p>{t(`connections.reason.${latest.reason}.advice`)}</p>
        </>
      )}
      {last && first && (
        <>
          <p>{t('connections.lastEvent', { what: t(`connections.what.${last.what}`), ago: ago(last.at, now) })}</p>
          <p>{t('connections.firstEvent', { what: t(`connections.what.${first.what}`), at: dayAndTime(first.at) })}</p>
        </>
      )}
      {refused.length > 0 && (
        <details>
          <summary>{t('connections.refusedAll')}</summary>
          <ul>
            {refused.map(({ reason, count, last_at }) => (
              <li key={reason}>
                {t(`connections.reason.${reason}.title`)}: {t('connections.times', { count })}, {dayAndTime(last_at)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}
