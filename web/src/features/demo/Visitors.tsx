import { UnstyledButton } from '@mantine/core'
import { IconArrowRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Face } from '~/ui/Face'
import { demoQuery, type Visitor } from './demo'
import classes from './Visitors.module.css'

/** In a demo: the people one can be, each a press away, and the password all of them have. Else nothing. */
export function Visitors({ onPick, busy }: { onPick: (visitor: Visitor, password: string) => void; busy: boolean }) {
  const { t } = useTranslation()
  const { data: demo } = useQuery({
    ...demoQuery,
    // The company is still being founded: its people come one by one.
    refetchInterval: (query) => (query.state.data?.password && query.state.data.users.length < 3 ? 2000 : false),
  })
  const password = demo?.password
  if (!password) return null
  return (
    <section className={classes.visitors} aria-label={t('demo.title')}>
      <h2>{t('demo.title')}</h2>
      <p>
        {t('demo.text')} <code>{password}</code>
      </p>
      <ul>
        {demo.users.map((visitor) => (
          <li key={visitor.email}>
            <UnstyledButton
              className={classes.visitor}
              disabled={busy}
              onClick={() => onPick(visitor, password)}
              aria-label={t('demo.be', { name: visitor.name })}
            >
              <Face name={visitor.name} size="sm" />
              <span>
                {visitor.name}
                <small>{t(`demo.does.${visitor.role as 'admin'}`, { defaultValue: visitor.role })}</small>
              </span>
              <IconArrowRight size={16} stroke={1.7} aria-hidden="true" />
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </section>
  )
}
