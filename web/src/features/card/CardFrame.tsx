import { Skeleton } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { CardDeals } from '~/features/deals'
import { FilesPanel } from '~/features/files'
import { CardTasks } from '~/features/tasks'
import { Composer, Timeline } from '~/features/timeline'
import { Face } from '~/ui/Face'
import { Section } from '~/ui/Section'
import { useTitle } from '~/ui/useTitle'
import classes from './CardFrame.module.css'
import { NextStepPanel } from './NextStepPanel'
import type { Timeline as History, Work } from './queries'

interface Props {
  kind: 'person' | 'company'
  id: string
  name: string
  subtitle: ReactNode
  details: ReactNode
  actions: ReactNode
  /** How many numbers and addresses there are to write to. */
  reach: { phones: number; emails: number }
  work: Work | null
  timeline: History
  back: (children: ReactNode, className: string) => ReactNode
}

/** One card on one screen: who this is, what to do next, what happened. */
export function CardFrame({ kind, id, name, subtitle, details, actions, reach, work, timeline, back }: Props) {
  const { t } = useTranslation()
  useTitle(name)
  return (
    <article className={classes.card}>
      <header className={classes.head}>
        {back(<IconArrowLeft size={18} stroke={1.8} aria-label={t('card.back')} />, classes.back ?? '')}
        <Face name={name} size="lg" square={kind === 'company'} />
        <div className={classes.who}>
          <h1 className={classes.name}>{name}</h1>
          <p className={classes.subtitle}>{subtitle}</p>
        </div>
        <div className={classes.actions}>{actions}</div>
      </header>
      <div className={classes.body}>
        <div className={classes.details}>{details}</div>
        <div className={classes.next}>
          {work ? <NextStepPanel work={work} /> : <p className={classes.away}>{t('card.workAway')}</p>}
        </div>
        <div className={classes.history}>
          <Section title={t('timeline.title')}>
            <Composer target={{ kind, id, ...reach }} key={id} />
            <Timeline kind={kind} id={id} first={timeline} />
          </Section>
        </div>
        <div className={classes.work}>
          {work && <CardDeals deals={work.deals} />}
          {work && <CardTasks tasks={work.tasks} />}
          <FilesPanel subject={kind} id={id} key={id} />
        </div>
      </div>
    </article>
  )
}

/** The shape of a card while it is on its way. */
export function CardSkeleton() {
  return (
    <div className={classes.card} aria-busy="true">
      <div className={classes.head}>
        <Skeleton height={18} width={18} />
        <Skeleton height={52} circle />
        <div className={classes.who}>
          <Skeleton height={18} width="12rem" />
          <Skeleton height={12} width="8rem" mt={8} />
        </div>
      </div>
      <div className={classes.body}>
        <div className={classes.details}>
          {[70, 85, 60].map((width) => (
            <Skeleton key={width} height={12} width={`${width}%`} mb={18} />
          ))}
        </div>
        <div className={classes.next}>
          <Skeleton height={86} radius="lg" />
        </div>
        <div className={classes.history}>
          {[55, 70, 45, 62].map((width) => (
            <Skeleton key={width} height={14} width={`${width}%`} mb={34} />
          ))}
        </div>
        <div className={classes.work}>
          <Skeleton height={88} radius="md" />
        </div>
      </div>
    </div>
  )
}
