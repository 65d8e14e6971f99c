import { IconUserSearch, IconUsers } from '@tabler/icons-react'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { CardsToolbar } from '~/features/cards/CardsToolbar'
import { NewCardButton } from '~/features/cards/Changes'
import { asQuery, type CardFilters, countOf } from '~/features/cards/filters'
import { NothingFound } from '~/features/cards/NothingFound'
import { isNameless, readable } from '~/features/cards/phones'
import { useCards } from '~/features/cards/useCards'
import { Colleague } from '~/features/users'
import { Face } from '~/ui/Face'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'
import { dayInFull, nearDay } from '~/ui/formats'
import { type Column, DataList } from '~/ui/list/DataList'
import { FilterChip } from '~/ui/list/FilterChip'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'
import classes from './People.module.css'
import { type Person, peopleQuery } from './queries'
import { SOURCES, sourceWord } from './sources'

const route = getRouteApi('/inside/people')

/** Everybody one may see, found by typing, narrowed by chips. */
export function PeoplePage() {
  const { t } = useTranslation()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  useTitle(t('people.title'))
  const cards = useCards(filters, peopleQuery(asQuery(filters, new Date())), (found) => found.people)
  const change = (some: Partial<CardFilters>) => navigate({ search: (all) => ({ ...all, ...some }), replace: true })

  const columns = useMemo<Column<Person>[]>(
    () => [
      {
        key: 'name',
        title: t('people.name'),
        width: 'minmax(13rem, 2.2fr)',
        narrow: 'lead',
        cell: (person) => (
          <>
            <Face name={person.name} />
            <span>
              {person.phones.some((phone) => phone.e164 === person.name) ? readable(person.name) : person.name}
            </span>
          </>
        ),
      },
      {
        key: 'phone',
        title: t('people.phone'),
        width: 'minmax(9rem, 1.2fr)',
        narrow: 'sub',
        cell: ({ name, phones: [first] }) =>
          first &&
          (isNameless(name) ? (
            <span className={classes.nameless}>{t('people.nameless')}</span>
          ) : (
            <span className="num">{readable(first.e164 ?? first.raw)}</span>
          )),
      },
      {
        key: 'email',
        title: t('people.email'),
        width: 'minmax(9rem, 1.6fr)',
        narrow: 'none',
        cell: ({ emails: [first] }) => first?.address,
      },
      {
        key: 'owner',
        title: t('people.owner'),
        width: 'minmax(8rem, 1.2fr)',
        narrow: 'none',
        cell: (person) => <Colleague id={person.owner_id} />,
      },
      {
        key: 'source',
        title: t('people.source'),
        width: 'minmax(7.5rem, 0.7fr)',
        narrow: 'none',
        cell: (person) => sourceWord(person.source, t),
      },
      {
        key: 'added',
        title: t('people.added'),
        width: '6.5rem',
        narrow: 'end',
        cell: (person) => <time title={dayInFull(person.created_at)}>{nearDay(person.created_at)}</time>,
      },
    ],
    [t],
  )

  return (
    <>
      <PageHead title={t('people.title')}>
        <NewCardButton kind="person" />
      </PageHead>
      <CardsToolbar
        filters={filters}
        onChange={change}
        alike={cards.notice === 'alike'}
        placeholder={t('people.search')}
      >
        <FilterChip
          label={t('people.source')}
          value={filters.source}
          choices={SOURCES.map((value) => ({ value, label: sourceWord(value, t) }))}
          onChange={(source) => change({ source })}
        />
      </CardsToolbar>
      {cards.error ? (
        <Trouble error={cards.error} again={cards.again} />
      ) : (
        <DataList
          label={t('people.title')}
          columns={columns}
          rows={cards.rows}
          keyOf={(person) => person.id}
          link={(person, props, name) => (
            <Link to="/people/$id" params={{ id: person.id }} {...props}>
              {name}
            </Link>
          )}
          further={cards.further}
          empty={
            filters.q || countOf(filters) ? (
              <NothingFound filters={filters} onChange={change} icon={<IconUserSearch size={22} stroke={1.6} />} />
            ) : (
              <Empty icon={<IconUsers size={22} stroke={1.6} />} title={t('people.none')}>
                {t('people.noneText')}
              </Empty>
            )
          }
        />
      )}
    </>
  )
}
