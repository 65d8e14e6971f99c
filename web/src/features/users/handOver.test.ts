import { expect, test } from 'vitest'
import { ApiProblem } from '~/api/problem'
import { patiently } from './handOver'

function failing(...errors: unknown[]) {
  let tries = 0
  return Object.assign(
    async () => {
      const error = errors[tries++]
      if (error) throw error
    },
    { tries: () => tries },
  )
}

test('told to wait it waits as long as told, and goes on', async () => {
  const waits: number[] = []
  const step = failing(new ApiProblem(429, 'too_many_requests', null, [], null, 3))
  await patiently(step, async (ms) => void waits.push(ms))
  expect([step.tries(), waits]).toEqual([2, [3000]])
})

test('what somebody changed or finished meanwhile is let be', async () => {
  for (const code of ['stale_version', 'not_found', 'task_done']) await patiently(failing(new ApiProblem(409, code)))
})

test('any other refusal stops the hand-over', async () => {
  await expect(patiently(failing(new ApiProblem(422, 'unknown_user')))).rejects.toThrow('unknown_user')
})
