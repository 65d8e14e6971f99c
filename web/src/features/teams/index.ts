export { type Team, teamsQuery, useTeams } from './queries'
