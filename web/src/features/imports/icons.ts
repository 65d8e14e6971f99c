import {
  IconBuilding,
  IconLayoutKanban,
  IconPackage,
  IconUser,
  IconUsers,
  IconUsersGroup,
  type TablerIcon,
} from '@tabler/icons-react'
import type { Kind } from './kinds'

export const ICONS: Record<Kind, TablerIcon> = {
  people: IconUser,
  companies: IconBuilding,
  deals: IconLayoutKanban,
  products: IconPackage,
  users: IconUsers,
  teams: IconUsersGroup,
}
