import { Skeleton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { useKey } from '../keys'
import classes from './DataList.module.css'
import type { Further } from './further'
import { RestFailed } from './RestFailed'

export interface Column<Row> {
  key: string
  title: string
  /** A track of the grid, e.g. `minmax(12rem, 2fr)`. */
  width: string
  /** Where it stands in a narrow row: first line, second line, at its end, or not at all. */
  narrow: 'lead' | 'sub' | 'end' | 'none'
  cell: (row: Row) => ReactNode
}

interface Props<Row> {
  label: string
  columns: readonly Column<Row>[]
  /** Undefined while the first page is on its way. */
  rows: readonly Row[] | undefined
  keyOf: (row: Row) => string
  /** The link that a whole row is; it must render `children` and take the props. */
  link: (row: Row, props: { className: string; tabIndex: number; onFocus: () => void }, name: ReactNode) => ReactNode
  further: Further | null
  empty: ReactNode
}

const WIDE_ROW = 44
const NARROW_ROW = 64
const FIRST = 14
const AHEAD = 25
const ON_THE_WAY = 4

/** A long list of which only what is seen is drawn. The arrows, j and k walk it, Enter opens. */
export function DataList<Row>({ label, columns, rows, keyOf, link, further, empty }: Props<Row>) {
  const scroller = useRef<HTMLDivElement>(null)
  const narrow = useMediaQuery('(max-width: 48em)', window.innerWidth < 768, { getInitialValueInEffect: false })
  const [here, setHere] = useState(-1)
  // Where the next key goes on from: keys may come faster than rows are drawn.
  const at = useRef(here)
  const stand = useCallback((index: number) => {
    at.current = index
    setHere(index)
  }, [])
  const known = rows?.length ?? 0
  const after = further ? (further.broken ? 1 : ON_THE_WAY) : 0
  const count = rows ? known + after : FIRST
  const height = narrow ? NARROW_ROW : WIDE_ROW
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0

  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured anew
  useEffect(() => virtual.measure(), [virtual, height])
  useEffect(() => {
    if (rows && further && !further.broken && last >= known - AHEAD) further.load()
  }, [rows, further, last, known])

  const walk = useCallback(
    (by: number) => {
      if (!known) return
      const next = Math.min(Math.max(at.current + by, 0), known - 1)
      const focus = () => scroller.current?.querySelector<HTMLElement>(`[data-row="${next}"] a`)?.focus()
      stand(next)
      virtual.scrollToIndex(next)
      // At once where the row is drawn: an Enter may follow before the next frame.
      focus()
      requestAnimationFrame(() => at.current === next && focus())
    },
    [known, virtual, stand],
  )
  useKey(
    'j',
    useCallback(() => walk(1), [walk]),
  )
  useKey(
    'k',
    useCallback(() => walk(-1), [walk]),
  )

  if (rows && !known && !further) return <div className={classes.none}>{empty}</div>
  const grid = { '--columns': columns.map((column) => column.width).join(' ') } as CSSProperties
  return (
    <div className={classes.list} role="table" aria-label={label} aria-busy={!rows} style={grid}>
      <div role="rowgroup" className={classes.head}>
        <div role="row" className={classes.titles}>
          {columns.map((column) => (
            <span role="columnheader" key={column.key}>
              {column.title}
            </span>
          ))}
        </div>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrows walk the links inside */}
      <div
        ref={scroller}
        className={classes.scroller}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
          event.preventDefault()
          walk(event.key === 'ArrowDown' ? 1 : -1)
        }}
      >
        <div role="rowgroup" className={classes.rows} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows?.[item.index]
            const place = { transform: `translateY(${item.start}px)`, height: item.size }
            if (row === undefined && further?.broken) {
              return (
                <div key={item.key} className={classes.row} style={place}>
                  <RestFailed again={further.load} />
                </div>
              )
            }
            if (row === undefined) {
              return (
                <div key={item.key} className={classes.row} style={place} aria-hidden="true">
                  <Waiting n={item.index} />
                </div>
              )
            }
            const tabIndex = item.index === Math.max(here, 0) ? 0 : -1
            return (
              <div
                key={keyOf(row)}
                role="row"
                aria-rowindex={item.index + 2}
                data-row={item.index}
                className={classes.row}
                style={place}
              >
                {columns.map((column, index) => (
                  <span role="cell" key={column.key} className={classes.cell} data-narrow={column.narrow}>
                    {index === 0
                      ? link(
                          row,
                          { className: classes.link ?? '', tabIndex, onFocus: () => stand(item.index) },
                          column.cell(row),
                        )
                      : column.cell(row)}
                  </span>
                ))}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

function Waiting({ n }: { n: number }) {
  return (
    <span className={classes.waiting}>
      <Skeleton circle height={28} />
      <Skeleton height={10} width={`${24 + ((n * 37) % 22)}%`} />
    </span>
  )
}
