import { expect, test } from 'vitest'
import { actOf, nextSpeed } from './playing'

test('speeds go round', () => {
  expect(nextSpeed(1)).toBe(1.5)
  expect(nextSpeed(nextSpeed(1.5))).toBe(1)
})

test('space plays and rests, the arrows go five seconds and never out of the sound', () => {
  expect(actOf(' ', 3, 10)).toEqual({ act: 'toggle' })
  expect(actOf('ArrowLeft', 3, 10)).toEqual({ act: 'go', to: 0 })
  expect(actOf('ArrowRight', 3, 10)).toEqual({ act: 'go', to: 8 })
  expect(actOf('ArrowRight', 8, 10)).toEqual({ act: 'go', to: 10 })
  expect(actOf('Home', 8, 10)).toEqual({ act: 'go', to: 0 })
  expect(actOf('x', 8, 10)).toBeNull()
})
