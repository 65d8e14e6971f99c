import { Button, Skeleton } from '@mantine/core'
import { IconPhone, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import settings from '~/features/settings/Settings.module.css'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'
import { useTitle } from '~/ui/useTitle'
import classes from './Connections.module.css'
import { NewConnection } from './NewConnection'
import { connectionsQuery } from './queries'
import { StatePill } from './StatePill'

const EVERY_MS = 5_000

/** The telephone systems that tell of calls, and whether each is heard. */
export function ConnectionsPage() {
  const { t } = useTranslation()
  const { data, error, refetch } = useQuery({ ...connectionsQuery, refetchInterval: EVERY_MS })
  const [adding, setAdding] = useState(false)
  useTitle(t('settings.connections'))
  const add = (
    <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={() => setAdding(true)}>
      {t('connections.add')}
    </Button>
  )
  return (
    <>
      <div className={settings.bar}>
        <p className={settings.quiet}>{t('connections.text')}</p>
        {Boolean(data?.length) && <div className={settings.push}>{add}</div>}
      </div>
      <div className={settings.page}>
        {error && !data ? (
          <Trouble error={error} again={refetch} />
        ) : !data ? (
          <div className={classes.list}>
            <Skeleton height={76} radius="lg" />
            <Skeleton height={76} radius="lg" />
          </div>
        ) : data.length ? (
          <div className={classes.list}>
            {data.map((connection) => (
              <Link
                key={connection.id}
                to="/settings/connections/$id"
                params={{ id: connection.id }}
                className={classes.item}
              >
                <b>{connection.name}</b>
                <StatePill connection={connection} />
                <small>
                  {t(`connections.vendor.${connection.vendor}`)} ·{' '}
                  {t('connections.lineCount', { count: connection.lines.length })}
                </small>
              </Link>
            ))}
          </div>
        ) : (
          <Empty icon={<IconPhone size={22} stroke={1.6} />} title={t('connections.none')} action={add}>
            {t('connections.noneText')}
          </Empty>
        )}
      </div>
      {adding && <NewConnection onClose={() => setAdding(false)} />}
    </>
  )
}
