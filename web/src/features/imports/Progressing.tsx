import { Progress, VisuallyHidden } from '@mantine/core'
import classes from './Imports.module.css'

/** How far something is. Screen readers hear each tenth, not each row. */
export function Progressing({ label, share, detail }: { label: string; share: number | null; detail?: string }) {
  const tenth = share === null ? null : Math.floor(share / 10) * 10
  return (
    <div className={classes.progress}>
      <p>
        <span>{label}</span>
        {detail && <span className="num">{detail}</span>}
      </p>
      <Progress value={share ?? 100} animated={share === null} striped={share === null} aria-label={label} />
      <VisuallyHidden role="status">{tenth === null ? label : `${label}: ${tenth} %`}</VisuallyHidden>
    </div>
  )
}
