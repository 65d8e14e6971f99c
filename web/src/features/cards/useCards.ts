import { type InfiniteData, type UseInfiniteQueryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type Found, searchQuery } from '~/features/search/queries'

interface Page<Row> {
  items: Row[]
  next_cursor: string | null
}

/** What a list of cards shows: while something is searched for, the best matches; else the filtered list. */
export interface Cards<Row> {
  rows: readonly Row[] | undefined
  error: unknown
  again: () => void
  more: boolean
  onMore: () => void
  /** The rows are those of an earlier question. */
  stale: boolean
  notice: Found['notice']
}

export function useCards<Row>(
  q: string | undefined,
  // biome-ignore lint/suspicious/noExplicitAny: the key's type is the noun's own
  list: UseInfiniteQueryOptions<Page<Row>, Error, InfiniteData<Page<Row>>, any, string | undefined>,
  among: (found: Found) => readonly Row[],
): Cards<Row> {
  const listed = useInfiniteQuery({ ...list, enabled: !q })
  const found = useQuery(searchQuery(q ?? ''))
  const all = useMemo(() => listed.data?.pages.flatMap((page) => page.items), [listed.data])
  if (q) {
    return {
      rows: found.data && among(found.data),
      error: found.data ? null : found.error,
      again: found.refetch,
      more: false,
      onMore: nothing,
      stale: found.isPlaceholderData,
      notice: found.data?.notice ?? null,
    }
  }
  return {
    rows: all,
    error: all ? null : listed.error,
    again: listed.refetch,
    more: listed.hasNextPage,
    onMore: listed.isFetchingNextPage || listed.isFetchNextPageError ? nothing : listed.fetchNextPage,
    stale: false,
    notice: null,
  }
}

const nothing = () => undefined
