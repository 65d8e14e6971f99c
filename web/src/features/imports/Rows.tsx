import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Section } from '~/ui/Section'
import { firstSight, type Job, SIGHTS, seen } from './job'
import type { Kind } from './kinds'
import { RowList } from './RowList'
import classes from './RowList.module.css'

const route = getRouteApi('/inside/imports/$kind/$id')

/** The rows of the file, those first that a person should look at. */
export function Rows({ kind, job }: { kind: Kind; job: Job }) {
  const { t } = useTranslation()
  const navigate = route.useNavigate()
  const chosen = route.useSearch().rows
  const offered = SIGHTS.filter((sight) => sight === 'all' || seen(job, sight) > 0)
  const sight =
    chosen && offered.includes(chosen) ? chosen : (offered.find((each) => each === firstSight(job)) ?? 'all')
  return (
    <Section title={t('imports.theRows')}>
      <div className={classes.sights}>
        {offered.map((each) => (
          <button
            key={each}
            type="button"
            className={classes.sight}
            aria-pressed={each === sight}
            onClick={() => navigate({ search: (all) => ({ ...all, rows: each }), replace: true })}
          >
            {t(`imports.sight.${each}`)} <span className="num">{seen(job, each)}</span>
          </button>
        ))}
      </div>
      <RowList key={sight} kind={kind} job={job} sight={sight} />
    </Section>
  )
}
