/** What comes after the rows that are there. */
export interface Further {
  /** The next page could not be had: it is asked for by a press, and no more by itself. */
  broken: boolean
  load: () => void
}

/** How a list read page by page goes on; null at its end. */
export function furtherOf(list: {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  isFetchNextPageError: boolean
  fetchNextPage: () => unknown
}): Further | null {
  if (!list.hasNextPage) return null
  return {
    broken: list.isFetchNextPageError && !list.isFetchingNextPage,
    load: () => {
      if (!list.isFetchingNextPage) list.fetchNextPage()
    },
  }
}
