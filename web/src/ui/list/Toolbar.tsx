import type { ReactNode } from 'react'
import { SearchBox } from './SearchBox'
import classes from './Toolbar.module.css'

interface Props {
  q: string | undefined
  onSearch: (q: string | undefined) => void
  placeholder: string
  /** What is to be known about the rows below. */
  notice?: string | undefined
  /** The chips. */
  children: ReactNode
}

/** Above a list: search as one types, and the filters as chips. */
export function Toolbar({ q, onSearch, placeholder, notice, children }: Props) {
  return (
    <>
      <div className={classes.bar} role="search">
        <SearchBox value={q} onChange={onSearch} placeholder={placeholder} />
        <div className={classes.chips}>{children}</div>
      </div>
      {notice && (
        <p className={classes.notice} role="status">
          {notice}
        </p>
      )}
    </>
  )
}
