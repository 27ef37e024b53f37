import { expect, it } from '@jest/globals'
import { elapsed } from '../../../lib/verbs/serve/elapsed.ts'

it.each([
  ['goes with both clocks', [100, 100], [250, 250], 250],
  [
    'goes on while the machine, and its monotonic clock with it, is frozen',
    [100, 100],
    [100, 60_100],
    60_100,
  ],
  ['does not go back when the wall clock is put back', [100, 100], [200, -86_400_000], 200],
  ['takes the greater step each time', [100, 40], [140, 140], 200],
])('%s', (_name, first, second, passed) => {
  let now = [0, 0]
  const clock = elapsed({ monotonic: () => now[0] ?? 0, wall: () => now[1] ?? 0 })
  now = first
  clock()
  now = second
  expect(clock()).toBe(passed)
})

it('begins at nothing, on the clocks of this machine', () => {
  const clock = elapsed()
  const passed = clock()
  expect(passed).toBeGreaterThanOrEqual(0)
  expect(passed).toBeLessThan(10_000)
})
