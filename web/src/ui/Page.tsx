import type { ReactNode } from 'react'
import classes from './Page.module.css'

/** A page's head: what it is, and what can be done here. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <header className={classes.head}>
      <h1 className={classes.title}>{title}</h1>
      {children && <div className={classes.actions}>{children}</div>}
    </header>
  )
}
