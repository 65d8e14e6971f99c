import { notifications } from '@mantine/notifications'
import i18next from 'i18next'
import classes from './feedback.module.css'
import { wordsOf } from './words'

const UNDO_MS = 8000

/** A short word that something was done, at the foot of the screen. */
export function tellDone(message: string): void {
  notifications.show({ message, color: 'gray', autoClose: 4000, withBorder: true })
}

/** The same, with a button that takes it back as long as the word stands there. */
export function tellUndoable(message: string, undo: () => void): void {
  const id = notifications.show({
    message: (
      <span className={classes.undoable}>
        <span>{message}</span>
        <button
          type="button"
          className={classes.undo}
          onClick={() => {
            notifications.hide(id)
            undo()
          }}
        >
          {i18next.t('common.undo')}
        </button>
      </span>
    ),
    color: 'gray',
    autoClose: UNDO_MS,
    withBorder: true,
  })
}

/** A change was refused or did not arrive: what happened and what to do. */
export function tellTrouble(error: unknown): void {
  const { title, advice } = wordsOf(error, i18next.t)
  notifications.show({ title, message: advice, color: 'red', autoClose: 9000, withBorder: true, role: 'alert' })
}
