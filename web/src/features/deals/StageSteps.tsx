import type { Pipeline } from './queries'
import classes from './StageSteps.module.css'

/** How far a deal is on its way: one bar a stage, those passed filled. */
export function StageSteps({ pipeline, stageId }: { pipeline: Pipeline; stageId: string }) {
  const open = pipeline.stages.filter((stage) => stage.kind === 'open')
  const here = open.findIndex((stage) => stage.id === stageId)
  return (
    <span className={classes.steps} aria-hidden="true">
      {open.map((stage, index) => (
        <i key={stage.id} data-passed={index <= here || undefined} />
      ))}
    </span>
  )
}
