import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { OUTCOMES, type Outcome } from '~/features/calls/log'
import { useOutcome } from '~/features/calls/queries'
import { isTyping } from '~/ui/keys'
import { useLive } from './LiveProvider'
import classes from './Pops.module.css'

/** What came of the call, in one press or one digit; said of a call that is over, it puts the pop away. */
export function PopOutcome({ callId, over, keyed }: { callId: string; over: boolean; keyed: boolean }) {
  const { t } = useTranslation()
  const { dismiss } = useLive()
  const [said, setSaid] = useState<Outcome | null>(null)
  const { mutate } = useOutcome((id) => over && dismiss(id))

  useEffect(() => {
    if (!keyed) return
    const pressed = (event: KeyboardEvent) => {
      const outcome = OUTCOMES[Number(event.key) - 1]
      if (!outcome || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      if (isTyping(event.target) || document.querySelector('[role="dialog"]')) return
      setSaid(outcome)
      mutate({ id: callId, outcome })
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [keyed, callId, mutate])

  return (
    <fieldset className={classes.outcome}>
      <legend>{t('pop.outcome')}</legend>
      {OUTCOMES.map((outcome, index) => (
        <button
          key={outcome}
          type="button"
          aria-pressed={said === outcome}
          onClick={() => {
            setSaid(outcome)
            mutate({ id: callId, outcome })
          }}
        >
          {keyed && <kbd>{index + 1}</kbd>}
          {t(`callOutcome.${outcome}`)}
        </button>
      ))}
    </fieldset>
  )
}
