import { Select } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Pipeline } from './queries'

/** Which pipeline's board is shown; the first one when none was chosen. */
export function PipelineSelect({ pipelines, chosen }: { pipelines: readonly Pipeline[]; chosen: string | undefined }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <Select
      aria-label={t('board.pipeline')}
      value={chosen ?? pipelines[0]?.id ?? null}
      data={pipelines.map((each) => ({ value: each.id, label: each.name }))}
      allowDeselect={false}
      onChange={(pipeline) => navigate({ to: '/deals', search: { pipeline: pipeline ?? undefined } })}
    />
  )
}
