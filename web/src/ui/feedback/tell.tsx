import { notifications } from '@mantine/notifications'
import i18next from 'i18next'
import { wordsOf } from './words'

/** A short word that something was done, at the foot of the screen. */
export function tellDone(message: string): void {
  notifications.show({ message, color: 'gray', autoClose: 4000, withBorder: true })
}

/** A change was refused or did not arrive: what happened and what to do. */
export function tellTrouble(error: unknown): void {
  const { title, advice } = wordsOf(error, i18next.t)
  notifications.show({ title, message: advice, color: 'red', autoClose: 9000, withBorder: true, role: 'alert' })
}
