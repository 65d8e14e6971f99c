import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, ifMatch } from '~/api/http'
import { tellTrouble } from '~/ui/feedback/tell'
import type { CardFile, Target } from './files'

const PAGE = 20

/** The files on a card, newest first, page by page. */
export const filesQuery = ({ subject, id }: Target) =>
  infiniteQueryOptions({
    queryKey: ['files', subject, id],
    queryFn: async ({ pageParam, signal }) => {
      const query = { subject, subject_id: id, limit: PAGE, cursor: pageParam }
      return body(await api.GET('/api/v1/files', { params: { query }, signal }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

function useChanged() {
  const queries = useQueryClient()
  return () => {
    for (const key of ['files', 'card']) queries.invalidateQueries({ queryKey: [key] })
  }
}

export function useRename() {
  const changed = useChanged()
  return useMutation({
    mutationFn: async ({ file, name }: { file: CardFile; name: string }) => {
      const params = { path: { file_id: file.id }, header: ifMatch(file.version) }
      await api.PATCH('/api/v1/files/{file_id}', { params, body: { name } })
    },
    onError: tellTrouble,
    onSettled: changed,
  })
}

export function useDelete() {
  const changed = useChanged()
  return useMutation({
    mutationFn: async (file: CardFile) => {
      const params = { path: { file_id: file.id }, header: ifMatch(file.version) }
      await api.DELETE('/api/v1/files/{file_id}', { params })
    },
    onError: tellTrouble,
    onSettled: changed,
  })
}
