import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useSession } from '~/features/sessions/session'
import { Trouble } from '~/ui/feedback/Trouble'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'
import { CheckStep } from './CheckStep'
import { DoneStep } from './DoneStep'
import { FileStep } from './FileStep'
import classes from './Imports.module.css'
import { stepOf } from './job'
import { allowed, type Kind } from './kinds'
import { MappingStep } from './MappingStep'
import { NoRight } from './NoRight'
import { jobQuery } from './queries'
import { Steps } from './Steps'
import { WriteStep } from './WriteStep'

const route = getRouteApi('/inside/imports/$kind/$id')

/** One import, at the step where it stands. */
export function ImportPage() {
  const { t } = useTranslation()
  const { id, ...params } = route.useParams()
  const kind = params.kind as Kind
  const { step: back } = route.useSearch()
  const { grants } = useSession().user
  const { data: job, error, refetch } = useQuery(jobQuery(kind, id))
  useTitle(job?.file_name ?? t('imports.title'))
  if (!allowed(grants).length) return <NoRight />
  const toAll = (
    <Button component={Link} to="/imports" variant="default">
      {t('imports.all')}
    </Button>
  )
  if (!job) {
    if (error) return <Trouble error={error} again={refetch} back={toAll} />
    return (
      <div className={classes.page} aria-busy="true">
        <Skeleton height={24} width="40%" my="md" />
        <Skeleton height={3} />
        {[70, 55, 62].map((width) => (
          <Skeleton key={width} height={16} width={`${width}%`} />
        ))}
      </div>
    )
  }
  const step = stepOf(job, back)
  const props = { kind, job }
  return (
    <>
      <PageHead title={job.file_name}>{toAll}</PageHead>
      <div className={classes.page}>
        <Steps step={step} />
        {step === 'file' && <FileStep {...props} />}
        {step === 'mapping' && <MappingStep {...props} />}
        {step === 'check' && <CheckStep {...props} />}
        {step === 'write' && <WriteStep {...props} />}
        {step === 'done' && <DoneStep {...props} />}
      </div>
    </>
  )
}
