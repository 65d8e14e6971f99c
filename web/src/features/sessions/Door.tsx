import type { ReactNode } from 'react'
import { Brand } from '~/ui/Brand'
import classes from './Door.module.css'

/** The frame of what is seen before one is in. */
export function Door({
  title,
  text,
  children,
  foot,
}: {
  title: string
  text: string
  children: ReactNode
  foot?: ReactNode
}) {
  return (
    <main className="door">
      <div className="door-box">
        <Brand size={40} />
        <h1 className="door-title">{title}</h1>
        <p className="door-text">{text}</p>
        {children}
      </div>
      {foot && <div className={classes.foot}>{foot}</div>}
    </main>
  )
}
