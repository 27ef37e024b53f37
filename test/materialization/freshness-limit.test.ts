import { describe, expect, it } from '@jest/globals'
import { freshnessLimitMs } from '../../lib/materialization/freshness-limit.ts'
import { longestGapMs } from '../../lib/plan/schedule-gap.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('longestGapMs', () => {
  it.each([
    ['0 * * * ? *', HOUR],
    ['* * * * ? *', MINUTE],
    ['0/15 * * * ? *', 15 * MINUTE],
    ['5/20 * * * ? *', 20 * MINUTE],
    ['0,20 * * * ? *', 40 * MINUTE],
    ['15 0 * * ? *', DAY],
    ['0 6,18 * * ? *', 12 * HOUR],
    ['0 6,8 * * ? *', 22 * HOUR],
    ['0 9-17 * * ? *', 16 * HOUR],
    ['0 */6 * * ? *', 6 * HOUR],
    ['0 6 ? * MON-FRI *', 3 * DAY],
    ['0 6 ? * 2-6 *', 3 * DAY],
    ['0 6 ? * SUN *', 7 * DAY],
    ['0 6 ? * TUE,THU *', 5 * DAY],
    ['30 23 ? * SAT,SUN *', 6 * DAY],
  ])('of %s is %d ms', (cron, ms) => {
    expect(longestGapMs({ cron })).toBe(ms)
  })

  it.each([
    '0 6 1 * ? *',
    '0 6 L * ? *',
    '0 6 ? * MON#1 *',
    '0 6 ? * 6L *',
    '0 6 * 1 ? *',
    '0 6 * * ? 2027',
    '0 6 15W * ? *',
  ])('is null for %s, which depends on the calendar', cron => {
    expect(longestGapMs({ cron })).toBeNull()
  })

  it('is the interval for an interval schedule', () => {
    expect(longestGapMs({ everyMs: 7 * MINUTE })).toBe(7 * MINUTE)
  })
})

/** A view without a freshness setting. */
const NONE = { freshnessMs: null, maxStalenessMs: null }

describe('freshnessLimitMs', () => {
  it.each([
    [{ everyMs: 5 * MINUTE }, HOUR],
    [{ everyMs: 45 * MINUTE }, 90 * MINUTE],
    [{ everyMs: HOUR }, 2 * HOUR],
    [{ everyMs: DAY }, DAY + HOUR],
    [{ cron: '0 6 ? * MON-FRI *' }, 3 * DAY + HOUR],
  ])('for schedule %j is %d ms', (schedule, ms) => {
    expect(freshnessLimitMs({ online: true, schedule, ...NONE })).toBe(ms)
  })

  it('is the freshness of the view minus its maximum staleness', () => {
    const schedule = { everyMs: HOUR }
    const fresh = { ...NONE, online: true, schedule, freshnessMs: 80 * MINUTE }
    expect(freshnessLimitMs(fresh)).toBe(80 * MINUTE)
    expect(freshnessLimitMs({ ...fresh, maxStalenessMs: 10 * MINUTE })).toBe(70 * MINUTE)
  })

  it.each([
    ['that is run on request', { online: true, schedule: null }],
    ['that is not served online', { online: false, schedule: { everyMs: HOUR } }],
    ['that follows the calendar', { online: true, schedule: { cron: '0 6 1 * ? *' } }],
  ])('is null for a view %s', (_what, view) => {
    expect(freshnessLimitMs({ ...view, ...NONE })).toBeNull()
  })
})
