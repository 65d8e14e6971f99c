import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { CardFrame, CardSkeleton, companyScreen, Fact, Facts, Reach } from '~/features/card'
import { EditCardButton } from '~/features/cards/Changes'
import { readable } from '~/features/cards/phones'
import { Colleague } from '~/features/users'
import { Trouble } from '~/ui/feedback/Trouble'
import { dayInFull } from '~/ui/formats'

const route = getRouteApi('/inside/companies/$id')

/** A company's card, with its people. */
export function CompanyPage() {
  const { t } = useTranslation()
  const { id } = route.useParams()
  const { data, error, refetch } = useQuery(companyScreen(id))
  if (error && !data) {
    return (
      <Trouble
        error={error}
        again={refetch}
        back={
          <Button component={Link} to="/companies" variant="default">
            {t('companies.all')}
          </Button>
        }
      />
    )
  }
  if (!data) return <CardSkeleton />
  const { company, people, work, timeline } = data
  return (
    <CardFrame
      kind="company"
      id={company.id}
      name={company.name}
      subtitle={people.length > 0 && t('companies.people', { count: people.length })}
      actions={<EditCardButton kind="company" card={company} />}
      reach={{ phones: company.phones.filter((phone) => phone.e164).length, emails: company.emails.length }}
      work={work}
      timeline={timeline}
      back={(children, className) => (
        <Link to="/companies" className={className}>
          {children}
        </Link>
      )}
      details={
        <Facts>
          <Reach phones={company.phones} emails={company.emails} />
          {people.length > 0 && (
            <Fact label={t('people.title')}>
              {people.map((person) => (
                <Link key={person.id} to="/people/$id" params={{ id: person.id }}>
                  {readable(person.name)}
                </Link>
              ))}
            </Fact>
          )}
          <Fact label={t('companies.owner')}>
            <Colleague id={company.owner_id} />
          </Fact>
          <Fact label={t('companies.added')}>{dayInFull(company.created_at)}</Fact>
        </Facts>
      }
    />
  )
}
