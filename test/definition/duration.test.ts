import { expect, it } from '@jest/globals'
import { days, hours, milliseconds, minutes, seconds } from 'quern'

it.each([
  ['milliseconds(7)', milliseconds(7), 7, '7ms'],
  ['seconds(1.5)', seconds(1.5), 1_500, '1.5s'],
  ['minutes(2)', minutes(2), 120_000, '2min'],
  ['hours(3)', hours(3), 10_800_000, '3h'],
  ['days(7)', days(7), 604_800_000, '7d'],
])('%s is that many milliseconds, and so called in names', (_text, duration, ms, text) => {
  expect(duration).toEqual({ ms, text })
})
