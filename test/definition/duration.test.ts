import { expect, it } from '@jest/globals'
import { days, hours, milliseconds, minutes, seconds } from 'quern'

it.each([
  ['milliseconds(7)', milliseconds(7), 7],
  ['seconds(1.5)', seconds(1.5), 1_500],
  ['minutes(2)', minutes(2), 120_000],
  ['hours(3)', hours(3), 10_800_000],
  ['days(7)', days(7), 604_800_000],
])('%s is that many milliseconds', (_text, duration, ms) => {
  expect(duration).toEqual({ ms })
})
