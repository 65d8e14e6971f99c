import { IconBuilding, IconZoomQuestion } from '@tabler/icons-react'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { CardsToolbar } from '~/features/cards/CardsToolbar'
import { NewCardButton } from '~/features/cards/Changes'
import { asQuery, type CardFilters, countOf } from '~/features/cards/filters'
import { NothingFound } from '~/features/cards/NothingFound'
import { readable } from '~/features/cards/phones'
import { useCards } from '~/features/cards/useCards'
import { Colleague } from '~/features/users'
import { Face } from '~/ui/Face'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'
import { dayInFull, nearDay } from '~/ui/formats'
import { type Column, DataList } from '~/ui/list/DataList'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'
import { type Company, companiesQuery } from './queries'

const route = getRouteApi('/inside/companies')

/** Every company one may see, found by typing, narrowed by chips. */
export function CompaniesPage() {
  const { t } = useTranslation()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  useTitle(t('companies.title'))
  const cards = useCards(filters, companiesQuery(asQuery(filters, new Date())), (found) => found.companies)
  const change = (some: Partial<CardFilters>) => navigate({ search: (all) => ({ ...all, ...some }), replace: true })

  const columns = useMemo<Column<Company>[]>(
    () => [
      {
        key: 'name',
        title: t('companies.name'),
        width: 'minmax(13rem, 2.2fr)',
        narrow: 'lead',
        cell: (company) => (
          <>
            <Face name={company.name} square />
            <span>{company.name}</span>
          </>
        ),
      },
      {
        key: 'phone',
        title: t('companies.phone'),
        width: 'minmax(9rem, 1.2fr)',
        narrow: 'sub',
        cell: ({ phones: [first] }) => first && <span className="num">{readable(first.e164 ?? first.raw)}</span>,
      },
      {
        key: 'email',
        title: t('companies.email'),
        width: 'minmax(9rem, 1.6fr)',
        narrow: 'none',
        cell: ({ emails: [first] }) => first?.address,
      },
      {
        key: 'owner',
        title: t('companies.owner'),
        width: 'minmax(8rem, 1.2fr)',
        narrow: 'none',
        cell: (company) => <Colleague id={company.owner_id} />,
      },
      {
        key: 'added',
        title: t('companies.added'),
        width: '6.5rem',
        narrow: 'end',
        cell: (company) => <time title={dayInFull(company.created_at)}>{nearDay(company.created_at)}</time>,
      },
    ],
    [t],
  )

  return (
    <>
      <PageHead title={t('companies.title')}>
        <NewCardButton kind="company" />
      </PageHead>
      <CardsToolbar
        filters={filters}
        onChange={change}
        alike={cards.notice === 'alike'}
        placeholder={t('companies.search')}
      />
      {cards.error ? (
        <Trouble error={cards.error} again={cards.again} />
      ) : (
        <DataList
          label={t('companies.title')}
          columns={columns}
          rows={cards.rows}
          keyOf={(company) => company.id}
          link={(company, props, name) => (
            <Link to="/companies/$id" params={{ id: company.id }} {...props}>
              {name}
            </Link>
          )}
          further={cards.further}
          empty={
            filters.q || countOf(filters) ? (
              <NothingFound filters={filters} onChange={change} icon={<IconZoomQuestion size={22} stroke={1.6} />} />
            ) : (
              <Empty icon={<IconBuilding size={22} stroke={1.6} />} title={t('companies.none')}>
                {t('companies.noneText')}
              </Empty>
            )
          }
        />
      )}
    </>
  )
}
