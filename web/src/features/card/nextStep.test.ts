import { expect, test } from 'vitest'
import type { Schemas } from '~/api/http'
import { nextStep } from './nextStep'

const NOW = new Date(2026, 10, 22, 12)
const at = (hour: number, day = 22) => new Date(2026, 10, day, hour).toISOString()
const task = (title: string, due_at: string, more: Partial<Schemas['TaskOut']> = {}) =>
  ({ title, due_at, kind: 'plain', status: 'open', ...more }) as Schemas['TaskOut']
const deal = (title: string, outcome: 'won' | null = null) => ({ title, outcome }) as Schemas['DealOut']

test('who waits for a call comes before everything else', () => {
  const callback = task('Call back', at(15, 23), { kind: 'callback' })
  expect(nextStep([task('Offer', at(9)), callback], [deal('Windows')], NOW)).toEqual({
    kind: 'callback',
    task: callback,
    when: 'later',
  })
})

test('of several tasks the one due soonest is next, and says that it is late', () => {
  const late = task('Offer', at(9))
  expect(nextStep([task('Visit', at(16)), late], [], NOW)).toEqual({ kind: 'task', task: late, when: 'late' })
})

test('what is done is not to be done again', () => {
  expect(nextStep([task('Offer', at(9), { status: 'done' })], [], NOW)).toEqual({ kind: 'nothing' })
})

test('an open deal without a task asks for a plan, a closed one does not', () => {
  const open = deal('Windows')
  expect(nextStep([], [deal('Doors', 'won'), open], NOW)).toEqual({ kind: 'plan', deal: open })
  expect(nextStep([], [deal('Doors', 'won')], NOW)).toEqual({ kind: 'nothing' })
})
