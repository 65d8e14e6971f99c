import { Button, CloseButton, TextInput } from '@mantine/core'
import { IconPlus, IconSearch, IconUsers } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useExtensions } from '~/features/connections'
import settings from '~/features/settings/Settings.module.css'
import { teamsQuery, useTeams } from '~/features/teams'
import { Face } from '~/ui/Face'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'
import { nearDay } from '~/ui/formats'
import { type Column, DataList } from '~/ui/list/DataList'
import { FilterChip } from '~/ui/list/FilterChip'
import { Pill } from '~/ui/Pill'
import { useTitle } from '~/ui/useTitle'
import { AddUser } from './AddUser'
import { among, type UserFilters } from './list'
import { rolesQuery, type User, usersQuery } from './queries'
import { UserDrawer } from './UserDrawer'
import classes from './Users.module.css'

const route = getRouteApi('/inside/settings/users')

/** Who works here, found by typing; each opens beside the list. */
export function UsersPage() {
  const { t } = useTranslation()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const users = useQuery(usersQuery)
  const roles = useQuery(rolesQuery).data ?? []
  const teams = useTeams()
  const allTeams = useQuery(teamsQuery).data ?? []
  const extensions = useExtensions()
  const [adding, setAdding] = useState(false)
  useTitle(t('settings.users'))
  const change = (some: Partial<UserFilters>) => navigate({ search: (all) => ({ ...all, ...some }), replace: true })
  const rows = useMemo(
    () => users.data && among(users.data, filters, (id) => extensions.get(id) ?? []),
    [users.data, filters, extensions],
  )
  const opened = users.data?.find((user) => user.id === filters.user)

  const columns = useMemo<Column<User>[]>(
    () => [
      {
        key: 'name',
        title: t('users.name'),
        width: 'minmax(14rem, 2fr)',
        narrow: 'lead',
        cell: ({ name, email }) => (
          <>
            <Face name={name} />
            <span className={classes.who}>
              <span>{name}</span>
              <small>{email}</small>
            </span>
          </>
        ),
      },
      {
        key: 'role',
        title: t('users.role'),
        width: 'minmax(8rem, 1fr)',
        narrow: 'sub',
        cell: ({ role }) => t(`role.${role as 'admin'}`, { defaultValue: role }),
      },
      {
        key: 'team',
        title: t('users.team'),
        width: 'minmax(7rem, 1fr)',
        narrow: 'none',
        cell: ({ team_id }) => (team_id ? teams.get(team_id)?.name : '—'),
      },
      {
        key: 'extension',
        title: t('users.extension'),
        width: '6rem',
        narrow: 'none',
        cell: ({ id }) => <span className="num">{extensions.get(id)?.join(', ') ?? '—'}</span>,
      },
      {
        key: 'seen',
        title: t('users.seen'),
        width: '8rem',
        narrow: 'end',
        cell: ({ active, last_signed_in_at: at }) =>
          active ? at ? nearDay(at) : <Pill meaning="warn">{t('users.notYet')}</Pill> : <Pill>{t('users.gone')}</Pill>,
      },
    ],
    [t, teams, extensions],
  )

  return (
    <>
      <div className={settings.bar}>
        <TextInput
          className={settings.search}
          type="search"
          value={filters.q ?? ''}
          onChange={(event) => change({ q: event.currentTarget.value || undefined })}
          placeholder={t('users.search')}
          aria-label={t('users.search')}
          leftSection={<IconSearch size={16} stroke={1.7} />}
          rightSection={
            filters.q && (
              <CloseButton size="sm" aria-label={t('list.clearSearch')} onClick={() => change({ q: undefined })} />
            )
          }
        />
        <FilterChip
          label={t('users.role')}
          value={filters.role}
          choices={roles.map(({ name }) => ({
            value: name,
            label: t(`role.${name as 'admin'}`, { defaultValue: name }),
          }))}
          onChange={(role) => change({ role })}
        />
        <FilterChip
          label={t('users.team')}
          value={filters.team}
          choices={[
            ...allTeams.map(({ id, name }) => ({ value: id, label: name })),
            { value: 'none', label: t('users.noTeam') },
          ]}
          onChange={(team) => change({ team })}
        />
        <FilterChip
          label={t('users.state')}
          value={filters.left ? 'left' : undefined}
          choices={[{ value: 'left', label: t('users.gone') }]}
          onChange={(left) => change({ left: left ? true : undefined })}
        />
        <Button
          className={settings.push}
          leftSection={<IconPlus size={16} stroke={2} />}
          onClick={() => setAdding(true)}
        >
          {t('users.add')}
        </Button>
      </div>
      {users.error && !users.data ? (
        <Trouble error={users.error} again={users.refetch} />
      ) : (
        <DataList
          label={t('settings.users')}
          columns={columns}
          rows={rows}
          keyOf={(user) => user.id}
          link={(user, props, name) => (
            <Link to="/settings/users" search={{ ...filters, user: user.id }} {...props}>
              {name}
            </Link>
          )}
          further={null}
          empty={
            <Empty
              icon={<IconUsers size={22} stroke={1.6} />}
              title={t('list.nothingFits')}
              action={
                <Button variant="default" onClick={() => navigate({ search: {}, replace: true })}>
                  {t('list.showAll')}
                </Button>
              }
            >
              {t('list.tryFewer')}
            </Empty>
          }
        />
      )}
      {adding && <AddUser onClose={() => setAdding(false)} />}
      {opened && <UserDrawer key={opened.id} user={opened} onClose={() => change({ user: undefined })} />}
    </>
  )
}
