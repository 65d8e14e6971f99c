import { IconPhone, IconUsers, IconUsersGroup } from '@tabler/icons-react'

/** What administrators look after, in the order a company is set up. */
export const PARTS = [
  { to: '/settings/users', word: 'settings.users', text: 'settings.usersText', Icon: IconUsers },
  { to: '/settings/teams', word: 'settings.teams', text: 'settings.teamsText', Icon: IconUsersGroup },
  { to: '/settings/connections', word: 'settings.connections', text: 'settings.connectionsText', Icon: IconPhone },
] as const
