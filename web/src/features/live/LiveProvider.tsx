import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import { afterChange, afterSnapshot, type Pop } from './pops'
import { type LiveEvent, listen } from './stream'
import { type Touched, touchedBy } from './touched'

interface Live {
  pops: readonly Pop[]
  dismiss: (callId: string) => void
  /** Nothing live arrives just now: what is shown may be old. */
  silent: boolean
}

const Context = createContext<Live>({ pops: [], dismiss: () => undefined, silent: false })
const TOGETHER_MS = 500
const SILENT_AFTER_MS = 4_000

/** What rings here now, and whether the live stream flows. */
export const useLive = (): Live => useContext(Context)

/** Keeps what the screen shows true: hints of the live stream make old answers be asked for anew, a few at a time. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient()
  const [pops, setPops] = useState<readonly Pop[]>([])
  const [silent, setSilent] = useState(false)
  const shown = useRef(pops)
  shown.current = pops

  useEffect(() => {
    const touched = new Map<string, Touched>()
    let soon: ReturnType<typeof setTimeout> | undefined
    let doubt: ReturnType<typeof setTimeout> | undefined

    function renew() {
      soon = undefined
      for (const { key, now } of touched.values()) {
        queries.invalidateQueries({ queryKey: [...key], refetchType: now ? 'active' : 'none' })
      }
      touched.clear()
    }

    function touch(all: readonly Touched[]) {
      for (const each of all) touched.set(each.key.join(), each)
      soon ??= setTimeout(renew, TOGETHER_MS)
    }

    function hear(event: LiveEvent) {
      switch (event.name) {
        case 'snapshot':
          return setPops((before) => afterSnapshot(before, event.data.pops))
        case 'pop':
          return setPops((before) => afterChange(before, event.data))
        case 'change':
        case 'notice':
          return touch(touchedBy(event.data))
        case 'reset':
          return void queries.invalidateQueries()
        case 'open':
          clearTimeout(doubt)
          doubt = undefined
          return setSilent(false)
        case 'lost':
          doubt ??= setTimeout(() => setSilent(true), SILENT_AFTER_MS)
      }
    }

    const stop = listen(hear, () => shown.current)
    return () => {
      stop()
      clearTimeout(soon)
      clearTimeout(doubt)
    }
  }, [queries])

  const dismiss = (callId: string) => setPops((before) => before.filter((pop) => pop.call_id !== callId))
  return <Context value={{ pops, dismiss, silent }}>{children}</Context>
}
