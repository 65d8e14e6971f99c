import { UnstyledButton, VisuallyHidden } from '@mantine/core'
import { type ComponentProps, lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSession } from '~/features/sessions/session'
import { Face } from '~/ui/Face'
import classes from './Me.module.css'

const load = () => import('./MeMenu')
const MeMenu = lazy(() => load().then((part) => ({ default: part.MeMenu })))

/** Who is signed in; the menu of what is theirs comes when they reach for it. */
export function Me() {
  const [asked, setAsked] = useState(false)
  if (!asked) return <Button aria-haspopup="menu" onPointerEnter={load} onFocus={load} onClick={() => setAsked(true)} />
  return (
    <Suspense fallback={<Button aria-haspopup="menu" />}>
      <MeMenu>
        <Button />
      </MeMenu>
    </Suspense>
  )
}

function Button(given: ComponentProps<'button'>) {
  const { t } = useTranslation()
  const { user } = useSession()
  const role = t(`role.${user.role as 'admin'}`, { defaultValue: user.role })
  return (
    <UnstyledButton className={classes.me} {...given}>
      <Face name={user.name} />
      <span className={classes.name}>
        <span>{user.name}</span> <small>{role}</small>
      </span>
      <VisuallyHidden>: {t('me.menu')}</VisuallyHidden>
    </UnstyledButton>
  )
}
