import { useTranslation } from 'react-i18next'
import type { Schemas } from '~/api/http'
import { DialButton } from '~/features/calls'
import { readable } from '~/features/cards/phones'
import { Fact } from './Facts'
import classes from './Facts.module.css'

type Phones = Schemas['PersonOut']['phones']
type Emails = Schemas['PersonOut']['emails']

/** How a card can be reached: every number and address it has; a person's number can be called. */
export function Reach({ phones, emails, personId }: { phones: Phones; emails: Emails; personId?: string }) {
  const { t } = useTranslation()
  return (
    <>
      {phones.map((phone) => (
        <Fact key={phone.id} label={t(`phoneKind.${phone.kind as 'mobile'}`, { defaultValue: phone.kind })}>
          <span className={classes.phone}>
            <a href={`tel:${phone.e164 ?? phone.raw}`} className="num">
              {readable(phone.e164 ?? phone.raw)}
            </a>
            {personId && phone.e164 && <DialButton personId={personId} phone={phone.e164} />}
          </span>
        </Fact>
      ))}
      {emails.map((email) => (
        <Fact key={email.id} label={t('card.email')}>
          <a href={`mailto:${email.address}`}>{email.address}</a>
        </Fact>
      ))}
    </>
  )
}
