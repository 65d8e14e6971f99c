import { Button } from '@mantine/core'
import { IconPhone, IconPhoneCall } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useSession } from '~/features/sessions/session'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'
import { DataList } from '~/ui/list/DataList'
import { furtherOf } from '~/ui/list/further'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'
import { useCallColumns } from './columns'
import { LogBar } from './LogBar'
import { asQuery, type LogFilters } from './log'
import { callsQuery } from './queries'

const route = getRouteApi('/inside/calls')

/** Every call one may see, newest first: who, by whom taken, what came of it, and what was said. */
export function CallsPage() {
  const { t } = useTranslation()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const me = useSession().user.id
  useTitle(t('calls.title'))
  const query = useMemo(() => asQuery(filters, me, new Date()), [filters, me])
  const log = useInfiniteQuery(callsQuery(query))
  const rows = useMemo(() => log.data?.pages.flatMap((page) => page.items), [log.data])
  const change = (some: Partial<LogFilters>) => navigate({ search: (all) => ({ ...all, ...some }), replace: true })
  const columns = useCallColumns()
  const narrowed = Object.keys(filters).length > 0
  return (
    <>
      <PageHead title={t('calls.title')} />
      <LogBar filters={filters} onChange={change} />
      {log.error && !rows ? (
        <Trouble error={log.error} again={log.refetch} />
      ) : (
        <DataList
          label={t('calls.title')}
          columns={columns}
          rows={rows}
          keyOf={(call) => call.id}
          link={(call, props, name) =>
            call.person_hint_id ? (
              <Link to="/people/$id" params={{ id: call.person_hint_id }} {...props}>
                {name}
              </Link>
            ) : (
              <Link to="/calls" search={{ number: call.phone ?? undefined }} {...props}>
                {name}
              </Link>
            )
          }
          further={furtherOf(log)}
          empty={
            narrowed ? (
              <Empty
                icon={<IconPhone size={22} stroke={1.6} />}
                title={filters.what === 'waiting' ? t('calls.nobodyWaits') : t('list.nothingFits')}
                action={
                  <Button variant="default" onClick={() => navigate({ search: {}, replace: true })}>
                    {t('list.showAll')}
                  </Button>
                }
              >
                {filters.what === 'waiting' ? t('calls.nobodyWaitsText') : t('list.tryFewer')}
              </Empty>
            ) : (
              <Empty icon={<IconPhoneCall size={22} stroke={1.6} />} title={t('calls.none')}>
                {t('calls.noneText')}
              </Empty>
            )
          }
        />
      )}
    </>
  )
}
