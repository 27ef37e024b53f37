import { describe, expect, it } from '@jest/globals'
import { compile } from '../../lib/compiler/compile.ts'
import { runLoads } from '../../lib/cost/run-load.ts'
import { firesAMonth } from '../../lib/cost/schedules.ts'
import { idle } from '../../lib/cost/workload.ts'
import { definitions } from '../golden/golden.ts'

const DAYS = 365 / 12

describe('firesAMonth', () => {
  it.each([
    ['0 * * * ? *', 24 * DAYS],
    ['15 0 * * ? *', DAYS],
    ['0/15 * * * ? *', 4 * 24 * DAYS],
    ['*/10 8-17 * * ? *', 6 * 10 * DAYS],
    ['5,35 * * * ? *', 2 * 24 * DAYS],
    ['0 6 ? * MON-FRI *', (5 / 7) * DAYS],
    ['0 6 ? * SAT,SUN *', (2 / 7) * DAYS],
    ['0 6 ? * 2#1 *', 1],
    ['0 6 ? * 6L *', 1],
    ['0 6 L * ? *', 1],
    ['0 6 1,15 * ? *', 2],
    ['0 6 1 JAN,JUL ? *', 2 / 12],
    ['0 6 1 1/3 ? *', 4 / 12],
  ])('counts the runs of cron %s', (cron, runs) => {
    expect(firesAMonth(`cron(${cron})`)).toBeCloseTo(runs, 9)
  })

  it.each([
    ['rate(5 minutes)', 12 * 24 * DAYS],
    ['rate(1 minute)', 60 * 24 * DAYS],
  ])('counts the runs of %s', (rate, runs) => {
    expect(firesAMonth(rate)).toBeCloseTo(runs, 9)
  })
})

it('one run per schedule ingests pushed rows and events, and reads no files', () => {
  const plan = compile(definitions)
  const runs = runLoads(plan, idle(plan))
  expect(runs.map(({ runsPerMonth, views }) => [runsPerMonth, views.map(({ view }) => view)])).toEqual([
    [expect.closeTo(DAYS, 9), ['carrier_day@1', 'route_day@1']],
    // Views of streams without a schedule run once a day.
    [expect.closeTo(DAYS, 9), ['airport_departures@1', 'carrier_arrivals@1', 'route_arrivals@1']],
    [expect.closeTo(730, 9), ['aircraft_last_flight@1', 'airport_weather@1']],
  ])
  expect(runs.flatMap(({ views }) => views).filter(({ ingests }) => !ingests)).toEqual([])
})
