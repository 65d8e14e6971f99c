import { useTranslation } from 'react-i18next'
import type { Schemas } from '~/api/http'
import { readable } from '~/features/cards/phones'
import { Fact } from './Facts'

type Phones = Schemas['PersonOut']['phones']
type Emails = Schemas['PersonOut']['emails']

/** How a card can be reached: every number and address it has. */
export function Reach({ phones, emails }: { phones: Phones; emails: Emails }) {
  const { t } = useTranslation()
  return (
    <>
      {phones.map((phone) => (
        <Fact key={phone.id} label={t(`phoneKind.${phone.kind as 'mobile'}`, { defaultValue: phone.kind })}>
          <a href={`tel:${phone.e164 ?? phone.raw}`} className="num">
            {readable(phone.e164 ?? phone.raw)}
          </a>
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
