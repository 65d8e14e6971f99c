import type { Sort } from './period'
import type { Sales } from './queries'
import { mainAmount } from './shares'

type Group = Sales['groups'][number]

const VALUE: Record<Sort, (group: Group) => number> = {
  won: (group) => mainAmount(group.won.amounts)?.amount ?? 0,
  deals: (group) => group.won.count,
  lost: (group) => group.lost.count,
  rate: (group) => (group.win_rate === null ? -1 : Number(group.win_rate)),
  open: (group) => group.open?.count ?? 0,
}

/** The groups, the largest of the asked figure first; equal ones as they came. */
export function sorted(groups: readonly Group[], by: Sort): Group[] {
  return [...groups].sort((one, other) => VALUE[by](other) - VALUE[by](one))
}
