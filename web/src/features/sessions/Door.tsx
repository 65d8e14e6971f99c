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
    <main className={classes.door}>
      <div className={classes.box}>
        <Brand size={40} />
        <h1 className={classes.title}>{title}</h1>
        <p className={classes.text}>{text}</p>
        {children}
      </div>
      {foot && <div className={classes.foot}>{foot}</div>}
    </main>
  )
}
