import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '~/api/problem'
import { changesOf, clashesOf } from './merge'

interface Subject<Thing, Draft extends object> {
  /** What the form began with. */
  thing: Thing
  draftOf: (thing: Thing) => Draft
  change: (over: Thing, patch: Partial<Draft>) => Promise<Thing>
  newest: () => Promise<Thing>
  onDone: (now: Thing) => void
}

export interface Clash<Draft> {
  mine: Draft
  theirs: Draft
  fields: (keyof Draft)[]
}

/**
 * Changing what somebody else may change too. When they were faster, fields they did not touch go through; of the
 * others one chooses: `clash` holds both versions until then, and nothing is lost.
 */
export function useCarefulChange<Thing, Draft extends object>({
  thing,
  draftOf,
  change,
  newest,
  onDone,
}: Subject<Thing, Draft>) {
  const [base, setBase] = useState(thing)
  const [met, setMet] = useState<{ mine: Draft; theirs: Thing; fields: (keyof Draft)[] } | null>(null)

  const saving = useMutation({
    mutationFn: async ({ draft, over }: { draft: Draft; over: Thing }): Promise<Thing | null> => {
      const patch = changesOf(draftOf(over), draft)
      if (!Object.keys(patch).length) return over
      try {
        return await change(over, patch)
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.code !== 'stale_version') throw error
        const theirs = await newest()
        const fields = clashesOf(draftOf(over), draft, draftOf(theirs))
        if (!fields.length) return change(theirs, patch)
        setMet({ mine: draft, theirs, fields })
        return null
      }
    },
    onSuccess: (now) => now && done(now),
  })

  function done(now: Thing) {
    setBase(now)
    setMet(null)
    onDone(now)
  }

  function keepMine() {
    if (!met) return
    // My fields over their state: what I did not change stays theirs.
    const patch = changesOf(draftOf(base), met.mine)
    setBase(met.theirs)
    saving.mutate({ draft: { ...draftOf(met.theirs), ...patch }, over: met.theirs })
  }

  const clash: Clash<Draft> | null = met && { mine: met.mine, theirs: draftOf(met.theirs), fields: met.fields }
  return {
    base,
    clash,
    error: saving.error,
    busy: saving.isPending,
    save: (draft: Draft) => saving.mutate({ draft, over: base }),
    keepMine,
    takeTheirs: () => met && done(met.theirs),
  }
}
