import { useTranslation } from 'react-i18next'
import { ago } from '~/ui/formats'
import { type Meaning, Pill } from '~/ui/Pill'
import type { Connection } from './queries'
import { refusals, type State, stateOf } from './state'

const MEANING: Record<State, Meaning> = { off: 'plain', waiting: 'warn', refused: 'bad', hears: 'good' }

/** How a connection stands, in a few words. */
export function StatePill({ connection }: { connection: Connection }) {
  const { t } = useTranslation()
  const state = stateOf(connection)
  const { last } = connection.arrivals
  const words =
    state === 'hears' && last
      ? t('connections.heard', { ago: ago(last.at) })
      : state === 'refused'
        ? t('connections.refusedCount', { count: refusals(connection.arrivals) })
        : t(`connections.short.${state as 'off'}`)
  return <Pill meaning={MEANING[state]}>{words}</Pill>
}
