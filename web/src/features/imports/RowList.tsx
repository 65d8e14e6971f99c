import { Skeleton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Trouble } from '~/ui/feedback/Trouble'
import { furtherOf } from '~/ui/list/further'
import { RestFailed } from '~/ui/list/RestFailed'
import type { Job, Sight } from './job'
import type { Kind } from './kinds'
import { type Row, rowsQuery } from './queries'
import classes from './RowList.module.css'
import { calledIn, textOf } from './rows'
import { fieldWord, reasonWord } from './words'

const GUESSED_HEIGHT = 44
const AHEAD = 20
const FIRST = 6

/** Rows with what is said of them; only what is seen is drawn, more come as one scrolls. */
export function RowList({ kind, job, sight }: { kind: Kind; job: Job; sight: Sight }) {
  const { t } = useTranslation()
  const scroller = useRef<HTMLDivElement>(null)
  const list = useInfiniteQuery(rowsQuery(kind, job, sight))
  const further = furtherOf(list)
  const rows = list.data?.pages.flatMap((page) => page.items)
  const known = rows?.length ?? 0
  const virtual = useVirtualizer({
    count: rows ? known : FIRST,
    getScrollElement: () => scroller.current,
    estimateSize: () => GUESSED_HEIGHT,
    overscan: 10,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (further && !further.broken && last >= known - AHEAD) further.load()
  }, [further, last, known])

  if (list.error && !rows) return <Trouble error={list.error} again={list.refetch} />
  if (rows && !known) return <p className={classes.none}>{t('imports.noRows')}</p>
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrows
      tabIndex={0}
      role="region"
      aria-label={t(`imports.sight.${sight}`)}
    >
      <ul className={classes.rows} style={{ height: virtual.getTotalSize() }} aria-busy={!rows}>
        {items.map((item) => {
          const row = rows?.[item.index]
          return (
            <li
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={classes.row}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {row ? <RowLine kind={kind} job={job} row={row} /> : <Skeleton height={20} width="60%" />}
            </li>
          )
        })}
      </ul>
      {further?.broken && <RestFailed again={further.load} />}
    </div>
  )
}

function RowLine({ kind, job, row }: { kind: Kind; job: Job; row: Row }) {
  const { t } = useTranslation()
  const name = calledIn(row.cells, job.mapping) || t('imports.emptyRow')
  const link = row.subject_id && row.ended !== 'removed' && (kind === 'people' || kind === 'companies')
  const what = row.ended ?? row.verdict
  return (
    <>
      <span className={classes.number}>{row.number}</span>
      <span className={classes.who}>
        {link ? (
          <Link to={kind === 'people' ? '/people/$id' : '/companies/$id'} params={{ id: row.subject_id ?? '' }}>
            {name}
          </Link>
        ) : (
          name
        )}
      </span>
      <ul className={classes.why}>
        {row.findings.map(({ code, field, message }) => {
          const value = field && textOf(row.cells, job.mapping, field)
          return (
            <li key={`${code} ${field}`}>
              {field && <b>{fieldWord(t, kind, field)}: </b>}
              {reasonWord(t, code, message)}
              {value && <i> “{value}”</i>}
            </li>
          )
        })}
        {!row.findings.length && what && <li>{t(`imports.became.${what}`)}</li>}
      </ul>
    </>
  )
}
