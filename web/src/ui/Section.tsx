import { type ReactNode, useId } from 'react'
import classes from './Section.module.css'

/** A part of a page under its own heading. */
export function Section({
  title,
  count,
  action,
  children,
}: {
  title: string
  count?: number | string | undefined
  action?: ReactNode
  children: ReactNode
}) {
  const id = useId()
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div className={classes.head}>
        <h2 id={id} className={classes.title}>
          {title}
          {count ? <span className={`${classes.count} num`}>{count}</span> : null}
        </h2>
        {action}
      </div>
      {children}
    </section>
  )
}
