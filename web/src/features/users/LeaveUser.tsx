import { Button, Modal, Progress, Select } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import settings from '~/features/settings/Settings.module.css'
import { Refusal } from '~/ui/feedback/Refusal'
import { tellDone } from '~/ui/feedback/tell'
import { handOver, openWorkOf } from './handOver'
import { changeUser, newestUser, type User, usersQuery } from './queries'
import classes from './Users.module.css'

/** Somebody leaves: what that does is said first, and their open work can go to a colleague. */
export function LeaveUser({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const others = (useQuery(usersQuery).data ?? []).filter((each) => each.active && each.id !== user.id)
  const work = useQuery({
    queryKey: ['open-work', user.id],
    queryFn: ({ signal }) => openWorkOf(user.id, signal),
    staleTime: 0,
  })
  const [heir, setHeir] = useState<string | null>(null)
  const [moved, setMoved] = useState(0)
  const deals = work.data?.deals.length ?? 0
  const tasks = work.data?.tasks.length ?? 0

  const leaving = useMutation({
    mutationFn: async () => {
      // First they are out: nothing new comes to them while their work goes over.
      if (user.active) await changeUser(await newestUser(user.id), { active: false })
      if (heir) await handOver(await openWorkOf(user.id), heir, setMoved)
    },
    onSuccess: () => {
      tellDone(t('users.left', { name: user.name }))
      onClose()
    },
    onSettled: () => {
      for (const key of ['users', 'open-work', 'board', 'tasks', 'card']) queries.invalidateQueries({ queryKey: [key] })
    },
  })

  return (
    <Modal opened onClose={onClose} title={t('users.leaveTitle', { name: user.name })} size={480}>
      <div className={settings.form}>
        <ul className={classes.steps}>
          <li>{t('users.leaveSessions')}</li>
          <li>{t('users.leaveCalls')}</li>
          <li>{t('users.leaveHistory')}</li>
        </ul>
        <div className={classes.counts}>
          {work.data ? (
            <p>
              {deals + tasks ? (
                <>
                  {t('users.openDeals', { count: deals })}, {t('users.openTasks', { count: tasks })}
                </>
              ) : (
                t('users.noWork')
              )}
            </p>
          ) : (
            <p className={settings.quiet}>{work.error ? t('users.workUnknown') : t('users.workCounted')}</p>
          )}
          {deals + tasks > 0 && (
            <>
              <Select
                label={t('users.heir')}
                description={t('users.heirText')}
                placeholder={t('users.noHeir')}
                searchable
                clearable
                value={heir}
                data={others.map((each) => ({ value: each.id, label: each.name }))}
                onChange={setHeir}
              />
              {leaving.isPending && heir && (
                <Progress value={(100 * moved) / (deals + tasks)} aria-label={t('users.heir')} />
              )}
            </>
          )}
          <Link to="/people" search={{ owner: user.id }}>
            {t('users.theirPeople')}
          </Link>
        </div>
        <Refusal error={leaving.error} />
        <div className={settings.buttons}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button color="red" loading={leaving.isPending} disabled={work.isPending} onClick={() => leaving.mutate()}>
            {t('users.leave')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
