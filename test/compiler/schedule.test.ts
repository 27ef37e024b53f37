import { expect, it } from '@jest/globals'
import { days, minutes, type Schedule } from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { weather } from './example.ts'

const compiled = (schedule: Schedule) => viewOf(compile([{ ...weather, schedule }]), 'weather@1').schedule

it.each([
  ['15 0 * * ? *'],
  ['0/15 * ? * MON-FRI *'],
  ['0,30 6-18 * * ? *'],
  ['0 6 L * ? *'],
  ['0 8 1W * ? *'],
  ['0 18 ? JAN,JUL 6#3 2024-2026'],
  ['0 18 ? */2 5L *'],
])('a schedule accepts cron %s', cron => {
  expect(compiled({ cron })).toEqual({ cron })
})

it('a schedule normalizes cron to one space between fields', () => {
  expect(compiled({ cron: '  15  0 * * ?\t* ' })).toEqual({ cron: '15 0 * * ? *' })
})

it('a schedule accepts intervals of whole minutes', () => {
  expect(compiled({ every: minutes(1) })).toEqual({ everyMs: 60_000 })
  expect(compiled({ every: days(1) })).toEqual({ everyMs: 86_400_000 })
})
