import classes from './Face.module.css'
import { initials } from './initials'

/** Who it is, at a glance: initials, never a colour that would mean something. */
export function Face({
  name,
  size = 'md',
  square = false,
}: {
  name: string
  size?: 'sm' | 'md' | 'lg'
  square?: boolean
}) {
  return (
    <span className={classes.face} data-size={size} data-square={square || undefined} aria-hidden="true">
      {initials(name)}
    </span>
  )
}
