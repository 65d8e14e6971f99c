import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Imports.module.css'
import { STEPS, type Step } from './job'

/** Where one is on the way. */
export function Steps({ step }: { step: Step }) {
  const { t } = useTranslation()
  const here = STEPS.indexOf(step)
  return (
    <ol className={classes.steps} aria-label={t('imports.steps')}>
      {STEPS.map((each, at) => (
        <li key={each} aria-current={each === step ? 'step' : undefined} data-past={at < here || undefined}>
          {t(`imports.step.${each}`)}
        </li>
      ))}
    </ol>
  )
}

/** What is to be done now; who reads with ears or keys is taken here when the step changes. */
export function StepHeading({ title, children }: { title: string; children?: string | undefined }) {
  const heading = useRef<HTMLHeadingElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another title is another step
  useEffect(() => heading.current?.focus({ preventScroll: true }), [title])
  return (
    <header>
      <h2 ref={heading} tabIndex={-1} className={classes.heading}>
        {title}
      </h2>
      {children && <p className={classes.lead}>{children}</p>}
    </header>
  )
}
