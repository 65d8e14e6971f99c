import { Button } from '@mantine/core'
import { IconCloudOff, IconMoodEmpty } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '~/api/problem'
import { Empty } from './Empty'
import classes from './feedback.module.css'
import { traceOf, wordsOf } from './words'

/** In place of what could not be shown: what happened, what to do, and a way to try again where that helps. */
export function Trouble({ error, again, back }: { error: unknown; again?: () => void; back?: React.ReactNode }) {
  const { t } = useTranslation()
  const { title, advice } = wordsOf(error, t)
  const passing = !(error instanceof ApiProblem) || error.passing
  const trace = traceOf(error)
  return (
    <div role="alert">
      <Empty
        icon={passing ? <IconCloudOff size={22} stroke={1.6} /> : <IconMoodEmpty size={22} stroke={1.6} />}
        title={title}
        action={
          passing && again ? (
            <Button variant="default" onClick={again}>
              {t('common.tryAgain')}
            </Button>
          ) : (
            back
          )
        }
      >
        {advice}
      </Empty>
      {passing && trace && (
        <p className={classes.trace} style={{ textAlign: 'center' }}>
          {t('common.trace', { id: trace })}
        </p>
      )}
    </div>
  )
}
