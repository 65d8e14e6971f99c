import {
  type InfiniteData,
  keepPreviousData,
  type UseInfiniteQueryOptions,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query'
import { useMemo } from 'react'
import { type CardFilters, countOf } from '~/features/cards/filters'
import { type Found, searchQuery } from '~/features/search/queries'
import { type Further, furtherOf } from '~/ui/list/further'

interface Page<Row> {
  items: Row[]
  next_cursor: string | null
}

/** What a list of cards shows: those that fit; when none is called so and no chip is set, those whose names are alike. */
export interface Cards<Row> {
  rows: readonly Row[] | undefined
  error: unknown
  again: () => void
  further: Further | null
  /** The rows are those of an earlier question. */
  stale: boolean
  notice: Found['notice']
}

export function useCards<Row>(
  filters: CardFilters,
  // biome-ignore lint/suspicious/noExplicitAny: the key's type is the noun's own
  list: UseInfiniteQueryOptions<Page<Row>, Error, InfiniteData<Page<Row>>, any, string | undefined>,
  among: (found: Found) => readonly Row[],
): Cards<Row> {
  const listed = useInfiniteQuery({ ...list, placeholderData: keepPreviousData })
  const all = useMemo(() => listed.data?.pages.flatMap((page) => page.items), [listed.data])
  // Names that are alike know nothing of chips: among them nothing else is shown.
  const none = countOf(filters) === 0 && all?.length === 0 && !listed.isPlaceholderData
  const q = (none && filters.q) || ''
  const { data: found, isPending, isPlaceholderData } = useQuery(searchQuery(q))
  const asking = q !== '' && (isPending || isPlaceholderData)
  const alike = q && !asking && found?.notice === 'alike' ? among(found) : []
  return {
    // That nothing is found is said when it is sure.
    rows: asking ? undefined : alike.length ? alike : all,
    error: all ? null : listed.error,
    again: listed.refetch,
    further: alike.length ? null : furtherOf(listed),
    stale: listed.isPlaceholderData,
    notice: alike.length ? 'alike' : null,
  }
}
