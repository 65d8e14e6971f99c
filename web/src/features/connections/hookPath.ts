import { skipToken, useQuery } from '@tanstack/react-query'

export const hookKey = (id: string) => ['hook-path', id] as const

/** The secret path the PBX posts to, while this page still knows it: the server tells it once. */
export function useHookPath(id: string): string | null {
  return (
    useQuery<string | null>({ queryKey: hookKey(id), queryFn: skipToken, staleTime: Number.POSITIVE_INFINITY }).data ??
    null
  )
}
