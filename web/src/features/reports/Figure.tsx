import { VisuallyHidden } from '@mantine/core'
import { createContext, type ReactNode, useContext } from 'react'
import classes from './Reports.module.css'

/** What a figure is made of: a title, and the path of its records. */
export interface Drill {
  title: string
  path: string
}

/** Opens the records of a figure. */
export const Opening = createContext<(drill: Drill) => void>(() => undefined)

/** A number that opens exactly the records it counts; nothing can be opened of nothing. */
export function Figure({
  count,
  path,
  title,
  children,
}: {
  count: number
  path: string
  title: string
  children?: ReactNode
}) {
  const open = useContext(Opening)
  const shown = children ?? count
  if (!count) return <span className={`${classes.nought} num`}>{shown}</span>
  return (
    <button type="button" className={`${classes.figure} num`} onClick={() => open({ title, path })}>
      <VisuallyHidden>{title}: </VisuallyHidden>
      {shown}
    </button>
  )
}
