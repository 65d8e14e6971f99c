import { ActionIcon, Button, Skeleton } from '@mantine/core'
import { IconPencil, IconPlus, IconTrash, IconUsersGroup } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ifMatch } from '~/api/http'
import settings from '~/features/settings/Settings.module.css'
import { type User, usersQuery } from '~/features/users'
import { Face } from '~/ui/Face'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'
import { tellDone, tellTrouble } from '~/ui/feedback/tell'
import { Pill } from '~/ui/Pill'
import { useTitle } from '~/ui/useTitle'
import { membersOf } from './members'
import { type Team, teamsQuery } from './queries'
import { TeamForm } from './TeamForm'
import classes from './Teams.module.css'

/** The teams, under whom and who is in each. */
export function TeamsPage() {
  const { t } = useTranslation()
  const teams = useQuery(teamsQuery)
  const users = useQuery(usersQuery)
  const [edited, setEdited] = useState<Team | 'new' | null>(null)
  useTitle(t('settings.teams'))
  const error = teams.error ?? users.error
  const known = teams.data && users.data

  return (
    <>
      <div className={settings.bar}>
        <p className={settings.quiet}>{t('teams.text')}</p>
        <Button
          className={settings.push}
          leftSection={<IconPlus size={16} stroke={2} />}
          onClick={() => setEdited('new')}
        >
          {t('teams.add')}
        </Button>
      </div>
      <div className={settings.page}>
        {error && !known ? (
          <Trouble error={error} again={() => Promise.all([teams.refetch(), users.refetch()])} />
        ) : !teams.data || !users.data ? (
          <div className={classes.teams}>
            {[0, 1, 2].map((n) => (
              <Skeleton key={n} height={150} radius="lg" />
            ))}
          </div>
        ) : teams.data.length ? (
          <div className={classes.teams}>
            {teams.data.map((team) => (
              <TeamCard key={team.id} team={team} users={users.data} onEdit={() => setEdited(team)} />
            ))}
          </div>
        ) : (
          <Empty icon={<IconUsersGroup size={22} stroke={1.6} />} title={t('teams.none')}>
            {t('teams.noneText')}
          </Empty>
        )}
      </div>
      {edited && users.data && (
        <TeamForm team={edited === 'new' ? null : edited} users={users.data} onClose={() => setEdited(null)} />
      )}
    </>
  )
}

function TeamCard({ team, users, onEdit }: { team: Team; users: readonly User[]; onEdit: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const members = membersOf(users, team.id)
  const lead = users.find((user) => user.id === team.lead_id)
  const shown = lead && !members.includes(lead) ? [lead, ...members] : members
  const removing = useMutation({
    mutationFn: () =>
      api.DELETE('/api/v1/teams/{team_id}', { params: { path: { team_id: team.id }, header: ifMatch(team.version) } }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['teams'] })
      tellDone(t('teams.removed', { name: team.name }))
    },
    onError: tellTrouble,
  })
  return (
    <section className={classes.team} aria-label={team.name}>
      <div className={classes.head}>
        <div>
          <h2>{team.name}</h2>
          <small>
            {team.office ? `${team.office} · ` : ''}
            {t('teams.count', { count: members.length })}
          </small>
        </div>
        <div className={classes.actions}>
          {!members.length && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size={34}
              aria-label={t('teams.remove', { name: team.name })}
              loading={removing.isPending}
              onClick={() => removing.mutate()}
            >
              <IconTrash size={16} stroke={1.7} />
            </ActionIcon>
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            size={34}
            aria-label={t('teams.change', { name: team.name })}
            onClick={onEdit}
          >
            <IconPencil size={16} stroke={1.7} />
          </ActionIcon>
        </div>
      </div>
      {shown.length ? (
        <ul className={classes.members}>
          {shown.map((user) => (
            <li key={user.id} className={classes.member}>
              <Face name={user.name} size="sm" />
              <span>{user.name}</span>
              {user.id === team.lead_id && <Pill>{t('teams.leads')}</Pill>}
            </li>
          ))}
        </ul>
      ) : (
        <p className={classes.none}>{t('teams.nobody')}</p>
      )}
    </section>
  )
}
