export const SPEEDS = [1, 1.5, 2] as const
export type Speed = (typeof SPEEDS)[number]

const STEP_S = 5

/** The speed after this one; after the fastest comes the usual one. */
export function nextSpeed(speed: Speed): Speed {
  return SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1
}

export type Act = { act: 'toggle' } | { act: 'go'; to: number } | null

/** What a key does to a sound that is at `at` of `length` seconds. */
export function actOf(key: string, at: number, length: number): Act {
  const go = (to: number): Act => ({ act: 'go', to: Math.min(Math.max(to, 0), length) })
  if (key === ' ' || key === 'k') return { act: 'toggle' }
  if (key === 'ArrowLeft') return go(at - STEP_S)
  if (key === 'ArrowRight') return go(at + STEP_S)
  if (key === 'Home') return go(0)
  return null
}
