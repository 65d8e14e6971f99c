import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { idempotencyKey } from '~/api/http'
import { ApiProblem } from '~/api/problem'
import { upload } from '~/api/upload'
import { nameFor, refusalOf, type Target } from './files'

/** A file on its way: how much of it has gone out, or why it did not arrive. */
export interface Upload {
  key: string
  name: string
  file: File
  share: number
  trouble: ApiProblem | null
}

interface Uploads {
  uploads: readonly Upload[]
  send: (files: File[]) => void
  /** What failed is sent once more, under the same key: what had arrived all the same is not there twice. */
  again: (upload: Upload) => void
  /** It is not sent on, or not shown any more. */
  drop: (upload: Upload) => void
}

/** Files on their way to a card, one after the other; leaving the card breaks them off. */
export function useUploads({ subject, id }: Target): Uploads {
  const queries = useQueryClient()
  const [uploads, setUploads] = useState<readonly Upload[]>([])
  const running = useRef(new Map<string, AbortController>())
  const queue = useRef(Promise.resolve())

  useEffect(() => {
    const all = running.current
    return () => {
      for (const each of all.values()) each.abort()
    }
  }, [])

  const set = (key: string, some: Partial<Upload>) =>
    setUploads((before) => before.map((each) => (each.key === key ? { ...each, ...some } : each)))
  const forget = (key: string) => setUploads((before) => before.filter((each) => each.key !== key))

  async function run({ key, name, file }: Upload, abort: AbortController) {
    if (abort.signal.aborted) return
    const query = new URLSearchParams({ subject, subject_id: id, file_name: name })
    const headers = { 'content-type': 'application/octet-stream', 'idempotency-key': key }
    try {
      await upload(`/api/v1/files?${query}`, file, headers, (share) => set(key, { share }), abort.signal)
      await queries.invalidateQueries({ queryKey: ['files', subject, id] })
      queries.invalidateQueries({ queryKey: ['card', subject, id] })
      forget(key)
    } catch (error) {
      if (abort.signal.aborted) return
      set(key, { trouble: error instanceof ApiProblem ? error : new ApiProblem(0, 'unexpected') })
    } finally {
      running.current.delete(key)
    }
  }

  function begin(each: Upload) {
    const abort = new AbortController()
    running.current.set(each.key, abort)
    queue.current = queue.current.then(() => run(each, abort))
  }

  return {
    uploads,
    send(files) {
      const fresh = files.map((file) => {
        const refused = refusalOf(file)
        const trouble = refused && new ApiProblem(422, refused)
        return { key: idempotencyKey(), name: nameFor(file.name), file, share: 0, trouble }
      })
      setUploads((before) => [...fresh, ...before])
      for (const each of fresh) if (!each.trouble) begin(each)
    },
    again(each) {
      set(each.key, { trouble: null, share: 0 })
      begin(each)
    },
    drop({ key }) {
      running.current.get(key)?.abort()
      forget(key)
    },
  }
}
