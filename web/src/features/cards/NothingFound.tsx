import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Empty } from '~/ui/feedback/Empty'
import type { CardFilters } from './filters'

const OFF: Partial<CardFilters> = {
  q: undefined,
  owner: undefined,
  source: undefined,
  since: undefined,
  company: undefined,
}

/** Nothing fits what was asked for: what could be tried, and the way back to everything. */
export function NothingFound({
  filters,
  onChange,
  icon,
}: {
  filters: CardFilters
  onChange: (change: Partial<CardFilters>) => void
  icon: ReactNode
}) {
  const { t } = useTranslation()
  return (
    <Empty
      icon={icon}
      title={filters.q ? t('list.nothingFor', { q: filters.q }) : t('list.nothingFits')}
      action={
        <Button variant="default" onClick={() => onChange(OFF)}>
          {t('list.showAll')}
        </Button>
      }
    >
      {filters.q ? t('list.tryOther') : t('list.tryFewer')}
    </Empty>
  )
}
