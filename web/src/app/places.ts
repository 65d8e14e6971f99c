import {
  IconBuilding,
  IconChartBar,
  IconFileImport,
  IconLayoutKanban,
  IconListCheck,
  IconSettings,
  IconSun,
  IconUsers,
} from '@tabler/icons-react'
import { ANY_KIND } from '~/features/imports/kinds'

/** Where one can go, in the order a day goes. `narrow` ones stand in the bar of a narrow screen, the others in its menu. */
export const PLACES = [
  { to: '/day', word: 'nav.day', grant: 'task:read', narrow: true, Icon: IconSun },
  { to: '/people', word: 'nav.people', grant: 'person:read', narrow: true, Icon: IconUsers },
  { to: '/deals', word: 'nav.deals', grant: 'deal:read', narrow: true, Icon: IconLayoutKanban },
  { to: '/tasks', word: 'nav.tasks', grant: 'task:read', narrow: true, Icon: IconListCheck },
  { to: '/companies', word: 'nav.companies', grant: 'company:read', narrow: false, Icon: IconBuilding },
  { to: '/figures', word: 'nav.figures', grant: 'report:read', narrow: false, Icon: IconChartBar },
  { to: '/imports', word: 'nav.imports', grant: ANY_KIND, narrow: false, Icon: IconFileImport },
  { to: '/settings', word: 'nav.settings', grant: 'user:update', narrow: false, Icon: IconSettings },
] as const
