import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, body, type Schemas } from '~/api/http'

export type Team = Schemas['Team']

/** All teams by name. */
export const teamsQuery = queryOptions({
  queryKey: ['teams'],
  queryFn: async ({ signal }) => {
    const teams: Team[] = []
    let cursor: string | undefined
    do {
      const page = body(await api.GET('/api/v1/teams', { params: { query: { limit: 200, cursor } }, signal }))
      teams.push(...page.items)
      cursor = page.next_cursor ?? undefined
    } while (cursor)
    return teams
  },
  staleTime: 60_000,
})

/** Teams by id, for names; empty until they are known. */
export function useTeams(): ReadonlyMap<string, Team> {
  return useQuery({ ...teamsQuery, select: byId }).data ?? NONE
}

const NONE: ReadonlyMap<string, Team> = new Map()
const byId = (teams: Team[]): ReadonlyMap<string, Team> => new Map(teams.map((team) => [team.id, team]))
