import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { CardFrame, CardSkeleton, Fact, Facts, personScreen, Reach } from '~/features/card'
import { EditCardButton } from '~/features/cards/Changes'
import { readable } from '~/features/cards/phones'
import { Colleague } from '~/features/users'
import { Trouble } from '~/ui/feedback/Trouble'
import { dayInFull } from '~/ui/formats'
import { sourceWord } from './sources'

const route = getRouteApi('/inside/people/$id')

/** A person's card. */
export function PersonPage() {
  const { t } = useTranslation()
  const { id } = route.useParams()
  const { data, error, refetch } = useQuery(personScreen(id))
  if (error && !data) {
    return (
      <Trouble
        error={error}
        again={refetch}
        back={
          <Button component={Link} to="/people" variant="default">
            {t('people.all')}
          </Button>
        }
      />
    )
  }
  if (!data) return <CardSkeleton />
  const { person, company, work, timeline } = data
  const language = person.locale && new Intl.DisplayNames([t('language')], { type: 'language' }).of(person.locale)
  return (
    <CardFrame
      kind="person"
      id={person.id}
      name={readable(person.name)}
      subtitle={
        company && (
          <Link to="/companies/$id" params={{ id: company.id }}>
            {company.name}
          </Link>
        )
      }
      actions={<EditCardButton kind="person" card={person} />}
      reach={{ phones: person.phones.filter((phone) => phone.e164).length, emails: person.emails.length }}
      work={work}
      timeline={timeline}
      back={(children, className) => (
        <Link to="/people" className={className}>
          {children}
        </Link>
      )}
      details={
        <Facts>
          <Reach phones={person.phones} emails={person.emails} personId={person.id} />
          <Fact label={t('people.owner')}>
            <Colleague id={person.owner_id} />
          </Fact>
          <Fact label={t('people.source')}>{sourceWord(person.source, t)}</Fact>
          <Fact label={t('people.language')}>{language}</Fact>
          <Fact label={t('people.added')}>{dayInFull(person.created_at)}</Fact>
        </Facts>
      }
    />
  )
}
