import { Button } from '@mantine/core'
import { IconFileImport, IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useSession } from '~/features/sessions/session'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'
import { dayAndTime, nearDay } from '~/ui/formats'
import { type Column, DataList } from '~/ui/list/DataList'
import { furtherOf } from '~/ui/list/further'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'
import classes from './Imports.module.css'
import { ICONS } from './icons'
import type { Job } from './job'
import { allowed, isKind } from './kinds'
import { NoRight } from './NoRight'
import { importsQuery } from './queries'
import { StatePill } from './StatePill'
import { Summary } from './Summary'

/** The files one took in, each opened again where it was left. */
export function ImportsPage() {
  const { t } = useTranslation()
  const { grants } = useSession().user
  const list = useInfiniteQuery(importsQuery)
  useTitle(t('imports.title'))
  const jobs = list.data?.pages.flatMap((page) => page.items)
  const columns = useMemo<Column<Job>[]>(
    () => [
      {
        key: 'file',
        title: t('imports.file'),
        width: 'minmax(13rem, 2fr)',
        narrow: 'lead',
        cell: ({ kind, file_name }) => {
          const Icon = isKind(kind) ? ICONS[kind] : IconFileImport
          return (
            <>
              <span className={classes.icon}>
                <Icon size={16} stroke={1.7} />
              </span>
              <span>{file_name}</span>
            </>
          )
        },
      },
      {
        key: 'kind',
        title: t('imports.what'),
        width: 'minmax(6rem, 0.8fr)',
        narrow: 'none',
        cell: ({ kind }) => isKind(kind) && t(`imports.kind.${kind}`),
      },
      {
        key: 'state',
        title: t('imports.state'),
        width: 'minmax(8rem, 1fr)',
        narrow: 'sub',
        cell: (job) => <StatePill job={job} />,
      },
      {
        key: 'counts',
        title: t('imports.outcome'),
        width: 'minmax(10rem, 2fr)',
        narrow: 'none',
        cell: (job) => <Summary job={job} />,
      },
      {
        key: 'when',
        title: t('imports.when'),
        width: '7rem',
        narrow: 'end',
        cell: ({ created_at: at }) => <time title={dayAndTime(at)}>{nearDay(at)}</time>,
      },
    ],
    [t],
  )
  const begin = (
    <Button component={Link} to="/imports/new" leftSection={<IconPlus size={16} stroke={1.8} />}>
      {t('imports.new')}
    </Button>
  )
  if (!allowed(grants).length) return <NoRight />
  return (
    <>
      <PageHead title={t('imports.title')}>{jobs?.length ? begin : null}</PageHead>
      {list.error && !jobs ? (
        <Trouble error={list.error} again={list.refetch} />
      ) : (
        <DataList
          label={t('imports.title')}
          columns={columns}
          rows={jobs}
          keyOf={(job) => job.id}
          link={({ kind, id }, props, name) => (
            <Link to="/imports/$kind/$id" params={{ kind, id }} {...props}>
              {name}
            </Link>
          )}
          further={furtherOf(list)}
          empty={
            <Empty icon={<IconFileImport size={22} stroke={1.6} />} title={t('imports.none')} action={begin}>
              {t('imports.noneText')}
            </Empty>
          }
        />
      )}
    </>
  )
}
