import { useTranslation } from 'react-i18next'
import { Pill } from '~/ui/Pill'
import { type Call, saidOf } from './log'

/** What a colleague said of a call, beside what came of it by telephone. */
export function OutcomePill({ call }: { call: Pick<Call, 'result' | 'outcome'> }) {
  const { t } = useTranslation()
  const said = saidOf(call)
  return said && <Pill>{t(`callOutcome.${said}`)}</Pill>
}
