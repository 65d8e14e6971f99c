import { Button, Skeleton } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '~/api/problem'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'
import { tellDone, tellTrouble } from '~/ui/feedback/tell'
import { DataList } from '~/ui/list/DataList'
import { Section } from '~/ui/Section'
import classes from './Design.module.css'

const ROWS = [
  { id: '1', name: 'Mojca Golob', phone: '+386 40 222 001' },
  { id: '2', name: 'Игорь Петров', phone: '+386 40 222 002' },
  { id: '3', name: 'Hotel Jezero', phone: '+386 1 432 10 00' },
]
const AWAY = new ApiProblem(503, 'unavailable')
const none = () => undefined

/** What stands where nothing is yet, nothing is at all, or something went wrong. */
export function Feedback() {
  const { t } = useTranslation()
  return (
    <>
      <Section title={t('design.rows')}>
        <div className={classes.list}>
          <DataList
            label={t('design.rows')}
            columns={[
              { key: 'name', title: t('people.name'), width: '1fr', cell: ({ name }) => name, narrow: 'lead' },
              { key: 'phone', title: t('people.phone'), width: '1fr', cell: ({ phone }) => phone, narrow: 'sub' },
            ]}
            rows={ROWS}
            keyOf={({ id }) => id}
            link={(_, given, name) => (
              <a href="/design" {...given}>
                {name}
              </a>
            )}
            further={null}
            empty={null}
          />
        </div>
      </Section>
      <div className={classes.two}>
        <Section title={t('design.waiting')}>
          <div className={classes.waiting}>
            {[62, 48, 71, 55].map((width) => (
              <Skeleton key={width} height={12} width={`${width}%`} />
            ))}
          </div>
        </Section>
        <Section title={t('design.told')}>
          <p className={classes.note}>{t('design.toldText')}</p>
          <div className={classes.row}>
            <Button variant="default" onClick={() => tellDone(t('password.done'))}>
              {t('design.tellDone')}
            </Button>
            <Button variant="default" onClick={() => tellTrouble(AWAY)}>
              {t('design.tellTrouble')}
            </Button>
          </div>
        </Section>
        <Section title={t('design.nothing')}>
          <div className={classes.frame}>
            <Empty icon={<IconUsers size={22} stroke={1.6} />} title={t('people.none')}>
              {t('people.noneText')}
            </Empty>
          </div>
        </Section>
        <Section title={t('design.trouble')}>
          <div className={classes.frame}>
            <Trouble error={AWAY} again={none} />
          </div>
        </Section>
      </div>
    </>
  )
}
