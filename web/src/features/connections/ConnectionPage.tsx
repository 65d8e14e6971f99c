import { Button, Skeleton } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import settings from '~/features/settings/Settings.module.css'
import { Trouble } from '~/ui/feedback/Trouble'
import { tellTrouble } from '~/ui/feedback/tell'
import { useTitle } from '~/ui/useTitle'
import { ConnectionForm } from './ConnectionForm'
import classes from './Connections.module.css'
import { Extensions } from './Extensions'
import { HookAddress } from './HookAddress'
import { changeConnection, connectionQuery, extensionsQuery, newestConnection } from './queries'
import { SecretsForm } from './SecretsForm'
import { StatePanel } from './StatePanel'

const route = getRouteApi('/inside/settings/connections/$id')

/** One connection: whether its PBX is heard, how to set it up, and who answers where. */
export function ConnectionPage() {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const { id } = route.useParams()
  const { data, error, refetch, dataUpdatedAt } = useQuery(connectionQuery(id))
  const extensions = useQuery(extensionsQuery(id)).data
  useTitle(data?.name ?? t('settings.connections'))
  const switching = useMutation({
    mutationFn: async (active: boolean) => changeConnection(await newestConnection(id), { active }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['connections'] }),
    onError: tellTrouble,
  })
  const back = (
    <Button component={Link} to="/settings/connections" variant="default">
      {t('connections.all')}
    </Button>
  )
  if (error && !data) return <Trouble error={error} again={refetch} back={back} />
  return (
    <div className={settings.page}>
      <div className={classes.head}>
        <Link to="/settings/connections" className={classes.back} aria-label={t('connections.all')}>
          <IconArrowLeft size={18} stroke={1.7} />
        </Link>
        <h2>{data?.name ?? <Skeleton width={180} height={20} />}</h2>
        {data && <span className={settings.quiet}>{t(`connections.vendor.${data.vendor}`)}</span>}
        {data && (
          <Button
            className={settings.push}
            size="compact-sm"
            variant="default"
            loading={switching.isPending}
            onClick={() => switching.mutate(!data.active)}
          >
            {data.active ? t('connections.switchOff') : t('connections.switchOn')}
          </Button>
        )}
      </div>
      <div className={classes.two}>
        <div className={classes.column}>
          {data ? (
            <StatePanel connection={data} now={new Date(dataUpdatedAt)} />
          ) : (
            <Skeleton height={150} radius="lg" />
          )}
          {data && <HookAddress id={id} vendor={data.vendor} />}
          {data && <SecretsForm connection={data} />}
        </div>
        <div className={classes.column}>
          {data ? <ConnectionForm key={id} connection={data} /> : <Skeleton height={320} radius="lg" />}
          {extensions && <Extensions key={id} id={id} known={extensions} />}
        </div>
      </div>
    </div>
  )
}
