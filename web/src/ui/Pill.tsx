import type { ReactNode } from 'react'
import classes from './Pill.module.css'

export type Meaning = 'plain' | 'accent' | 'good' | 'warn' | 'bad'

/** A state in a word. Its colour repeats what the word says, for the eye that only skims. */
export function Pill({ meaning = 'plain', children }: { meaning?: Meaning; children: ReactNode }) {
  return (
    <span className={classes.pill} data-meaning={meaning}>
      {children}
    </span>
  )
}
