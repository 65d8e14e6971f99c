import { Menu, useMantineColorScheme } from '@mantine/core'
import { IconCheck, IconDeviceDesktop, IconEraser, IconKey, IconLogout, IconMoon, IconSun } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { demoQuery } from '~/features/demo/demo'
import { chooseLocale, may, useSession, useSignOut } from '~/features/sessions/session'
import { tellTrouble } from '~/ui/feedback/tell'
import { LANGUAGES, type Language, speak } from './language'
import { PLACES } from './places'

const SCHEMES = [
  ['auto', IconDeviceDesktop],
  ['light', IconSun],
  ['dark', IconMoon],
] as const

/** What is the user's alone: look, language, password, leaving. It opens as it comes. */
export function MeMenu({ children }: { children: ReactNode }) {
  const { t, i18n } = useTranslation()
  const { user } = useSession()
  const { data: demo } = useQuery(demoQuery)
  const signOut = useSignOut()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const choose = (language: Language) => {
    speak(language, { keep: true })
    chooseLocale(language).catch(tellTrouble)
  }
  return (
    <Menu defaultOpened position="top-start" width={232} withinPortal>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        {PLACES.filter((place) => !place.narrow && may(user.grants, place.grant)).map(({ to, word, Icon }) => (
          <Menu.Item key={to} component={Link} to={to} hiddenFrom="sm" leftSection={<Icon size={16} stroke={1.7} />}>
            {t(word)}
          </Menu.Item>
        ))}
        <Menu.Label>{t('me.look')}</Menu.Label>
        {SCHEMES.map(([key, Icon]) => (
          <Menu.Item
            key={key}
            leftSection={<Icon size={16} stroke={1.7} />}
            rightSection={colorScheme === key && <IconCheck size={15} />}
            onClick={() => setColorScheme(key)}
          >
            {t(`me.scheme.${key}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t('me.language')}</Menu.Label>
        {Object.entries(LANGUAGES).map(([key, name]) => (
          <Menu.Item
            key={key}
            lang={key}
            rightSection={i18n.language === key && <IconCheck size={15} />}
            onClick={() => choose(key as Language)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component={Link} to="/own-password" leftSection={<IconKey size={16} stroke={1.7} />}>
          {t('me.password')}
        </Menu.Item>
        {demo?.password && 'user:delete' in user.grants && (
          <Menu.Item component={Link} to="/leave-demo" leftSection={<IconEraser size={16} stroke={1.7} />}>
            {t('demo.leave')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.7} />} onClick={signOut}>
          {t('me.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
