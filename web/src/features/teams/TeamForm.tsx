import { Button, Modal, MultiSelect, Select, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, body, idempotencyKey, ifMatch } from '~/api/http'
import { ApiProblem } from '~/api/problem'
import settings from '~/features/settings/Settings.module.css'
import type { User } from '~/features/users'
import { changeUser, newestUser } from '~/features/users/queries'
import { Refusal } from '~/ui/feedback/Refusal'
import { tellDone } from '~/ui/feedback/tell'
import { useCarefulChange } from '~/ui/versions/useCarefulChange'
import { Versions } from '~/ui/versions/Versions'
import { membersOf, moves } from './members'
import type { Team } from './queries'

interface Draft {
  name: string
  office: string | null
  lead_id: string | null
}

const draftOf = ({ name, office, lead_id }: Draft): Draft => ({ name, office, lead_id })
const NEW: Draft = { name: '', office: null, lead_id: null }

/** A team's name, office, lead and members. */
export function TeamForm({ team, users, onClose }: { team: Team | null; users: readonly User[]; onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [draft, setDraft] = useState<Draft>(team ? draftOf(team) : NEW)
  const [members, setMembers] = useState(team ? membersOf(users, team.id).map((user) => user.id) : [])
  const set = (some: Partial<Draft>) => setDraft((before) => ({ ...before, ...some }))
  const active = users.filter((user) => user.active || user.id === draft.lead_id)
  const people = active.map((user) => ({ value: user.id, label: user.name }))

  const moving = useMutation({
    mutationFn: async (saved: Team) => {
      for (const [user, to] of moves(users, saved.id, members)) await move(user, to)
    },
    onSuccess: () => {
      tellDone(t('form.saved'))
      onClose()
    },
    onSettled: () => {
      for (const key of ['teams', 'users']) queries.invalidateQueries({ queryKey: [key] })
    },
  })
  const making = useMutation({
    mutationFn: async (made: Draft) =>
      body(
        await api.POST('/api/v1/teams', { params: { header: { 'idempotency-key': idempotencyKey() } }, body: made }),
      ),
    onSuccess: (made) => moving.mutate(made),
  })
  const careful = useCarefulChange<Team, Draft>({
    thing: team ?? ({ ...NEW, id: '', version: 0, created_at: '', updated_at: '' } satisfies Team),
    draftOf,
    change: async ({ id, version }, patch) =>
      body(
        await api.PATCH('/api/v1/teams/{team_id}', {
          params: { path: { team_id: id }, header: ifMatch(version) },
          body: patch,
        }),
      ),
    newest: async () =>
      body(await api.GET('/api/v1/teams/{team_id}', { params: { path: { team_id: team?.id ?? '' } } })),
    onDone: (now) => moving.mutate(now),
  })

  function send(event: FormEvent) {
    event.preventDefault()
    const tidy = { ...draft, name: draft.name.trim(), office: draft.office?.trim() || null }
    // Made before and only its members refused: the team is not made twice.
    if (making.data) moving.mutate(making.data)
    else if (team) careful.save(tidy)
    else making.mutate(tidy)
  }

  const error = making.error ?? careful.error ?? moving.error
  const say = (version: Draft, field: keyof Draft) =>
    field === 'lead_id' ? (users.find((user) => user.id === version.lead_id)?.name ?? '') : (version[field] ?? '')
  const fields = { name: 'name', office: 'office', lead_id: 'lead' } as const

  return (
    <Modal opened onClose={onClose} title={team ? t('teams.change', { name: team.name }) : t('teams.add')} size={480}>
      {careful.clash ? (
        <Versions
          clash={careful.clash}
          nameOf={(field) => t(`teams.${fields[field]}`)}
          say={say}
          busy={careful.busy}
          onMine={careful.keepMine}
          onTheirs={careful.takeTheirs}
        />
      ) : (
        <form className={settings.form} onSubmit={send}>
          <TextInput
            data-autofocus
            required
            withAsterisk={false}
            maxLength={200}
            label={t('teams.name')}
            value={draft.name}
            error={error instanceof ApiProblem && error.code === 'name_taken'}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <TextInput
            maxLength={200}
            label={t('teams.office')}
            value={draft.office ?? ''}
            onChange={(event) => set({ office: event.currentTarget.value })}
          />
          <Select
            label={t('teams.lead')}
            description={t('teams.leadText')}
            searchable
            clearable
            value={draft.lead_id}
            data={people}
            onChange={(lead_id) => set({ lead_id })}
          />
          <MultiSelect
            label={t('teams.members')}
            description={t('teams.membersText')}
            searchable
            value={members}
            data={people}
            onChange={setMembers}
          />
          <Refusal error={error} />
          <div className={settings.buttons}>
            <Button variant="subtle" color="gray" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button
              type="submit"
              loading={making.isPending || careful.busy || moving.isPending}
              disabled={!draft.name.trim()}
            >
              {team ? t('form.save') : t('teams.add')}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  )
}

/** The user is in that team; what else somebody changed of them meanwhile stays. */
async function move(user: User, team_id: string | null): Promise<void> {
  try {
    await changeUser(user, { team_id })
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.code !== 'stale_version') throw error
    const now = await newestUser(user.id)
    if (now.team_id !== user.team_id) throw new ApiProblem(409, 'moved_meanwhile')
    await changeUser(now, { team_id })
  }
}
