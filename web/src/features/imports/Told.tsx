import type { ReactNode } from 'react'
import type { Meaning } from '~/ui/Pill'
import classes from './Imports.module.css'

/** Something to be known before going on. */
export function Told({ meaning, title, children }: { meaning?: Meaning; title: string; children?: ReactNode }) {
  return (
    <div className={classes.told} data-meaning={meaning} role={meaning === 'bad' ? 'alert' : undefined}>
      <b>{title}</b>
      {children && <div>{children}</div>}
    </div>
  )
}
