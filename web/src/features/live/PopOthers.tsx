import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { searchQuery } from '~/features/search/queries'
import classes from './Pops.module.css'
import { alsoAt, type Pop } from './pops'

/** A number shared by several: the others whose it is, so that one greets whom one hears. */
export function PopOthers({ pop, phone }: { pop: Pop; phone: string }) {
  const { t } = useTranslation()
  const found = useQuery(searchQuery(phone))
  const others = found.data && !found.isPlaceholderData ? alsoAt(pop, found.data) : []
  if (!others.length) return null
  return (
    <p className={classes.also}>
      {t('pop.also')}:{' '}
      {others.map(({ noun, id, name }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <Link to={`/${noun}/$id`} params={{ id }}>
            {name}
          </Link>
        </span>
      ))}
    </p>
  )
}
