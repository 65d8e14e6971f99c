import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { list } from '~/ui/formats'
import { rolesQuery } from './queries'
import { inWords } from './roles'
import classes from './Users.module.css'

/** What somebody of this role sees and may do, in words made from its grants. */
export function RoleGuide({ role }: { role: string }) {
  const { t } = useTranslation()
  const found = useQuery(rolesQuery).data?.find((each) => each.name === role)
  if (!found) return null
  const { sees, may } = inWords(found.grants)
  return (
    <div className={classes.guide}>
      {sees.map(({ scope, nouns }) => (
        <p key={scope}>
          <b>{t(`roles.scope.${scope}`)}</b> {list(nouns.map((noun) => t(`roles.noun.${noun}`)))}
        </p>
      ))}
      {!sees.length && <p>{t('roles.seesNothing')}</p>}
      {may.length > 0 && (
        <p>
          <b>{t('roles.may')}</b>{' '}
          {list(may.map((power) => t(`roles.power.${power.replace(':', '_') as 'deal_reopen'}`)))}
        </p>
      )}
    </div>
  )
}
