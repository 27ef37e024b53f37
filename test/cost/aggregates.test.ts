import { describe, expect, it } from '@jest/globals'
import { featureDollars } from '../../lib/cost/feature-dollars.ts'
import { monthlyEstimate } from '../../lib/cost/monthly-estimate.ts'
import { onceCost } from '../../lib/cost/once.ts'
import { historyBytes, keyBytes } from '../../lib/cost/row-bytes.ts'
import { tileLoad, tileRead, tileWrite } from '../../lib/cost/tiles.ts'
import { workloadOf } from '../../lib/cost/workload.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { STREAMS, WINDOWS } from './aggregate-stores.ts'
import { environmentOf } from './stores.ts'

const DAYS = 365 / 12
const SECONDS = 730 * 3_600
const GB = 2 ** 30

/** The monthly quantity of a line, for all cost allocations or for one. */
function paid(props: Parameters<typeof monthlyEstimate>[0]) {
  const { lines } = monthlyEstimate(props)
  return (what: string, owner?: string): number =>
    lines
      .filter(line => line.what === what && (owner === undefined || Object(line.owner).name === owner))
      .reduce((sum, { quantity }) => sum + quantity, 0)
}

describe('the estimate of an aggregate view', () => {
  const week = viewOf(WINDOWS, 'week@1')
  const workload = workloadOf(
    {
      views: { 'week@1': { entities: 1_000, pushedPerDay: 24_000, historyDays: 100 } },
      services: { delays: { requestsPerSecond: 2, rowsPerRequest: 5, cacheHits: 0.5 } },
    },
    WINDOWS,
  )
  const environment = environmentOf(WINDOWS, { contributorInsights: true, dataEvents: true })
  const line = paid({ plan: WINDOWS, environment, workload })
  const events = 24_000 * DAYS
  const load = tileLoad(workload, week)
  const write = tileWrite(week, load)
  const read = tileRead(week, new Set(week.features.map(({ name }) => name)), load)
  const rows = 2 * SECONDS * 5

  it('counts a read and a write of the day item and of the coarse tile, for each event', () => {
    expect(load).toEqual({ active: 1_000, perDay: 24, share: 1 })
    expect(write.items).toBe(2)
    expect(line('items written')).toBeCloseTo(events * write.writeUnits, 3)
    expect(line('tiles read to be written')).toBeCloseTo(events * write.readUnits, 3)
  })

  it('counts all items that contain a request’s windows', () => {
    expect(line('items read')).toBeCloseTo(rows * 0.5 * read.units, 3)
    const touched = rows * 0.5 * read.items + events * 4
    expect(line('Contributor Insights of items')).toBeCloseTo(touched, 3)
    expect(line('calls of the online table')).toBeCloseTo(2 * SECONDS + events * 4, 3)
    // 8 ms, and 0.1 ms for each item, in 1 GB.
    expect(line('time of requests')).toBeCloseTo(2 * SECONDS * (0.008 + 0.0001 * 5 * read.items), 3)
  })

  it('counts the stored columns of events: their id and the aggregated columns', () => {
    expect(historyBytes(week)).toBe(keyBytes(week) + 6 + 7 + 6)
    expect(line('history kept')).toBeCloseTo((2_400_000 * historyBytes(week)) / GB, 9)
  })

  it('counts the events of one entity in a batch once', () => {
    const few = { entities: 2, pushedPerDay: 40 * 86_400 }
    const busy = paid({ plan: WINDOWS, environment, workload: workloadOf({ everyView: few }, WINDOWS) })
    // 40 events a second, of two entities.
    const batches = 86_400 * DAYS
    const one = tileWrite(week, { active: 2, perDay: few.pushedPerDay / 2, share: 1 })
    expect(busy('items written', 'week@1')).toBeCloseTo(batches * 2 * one.writeUnits, 0)
  })

  it('attributes the cost to features, and windows over one part share its cost', () => {
    const owned = monthlyEstimate({ plan: WINDOWS, environment, workload })
    const features = featureDollars(WINDOWS, owned).filter(({ view }) => view === 'week@1')
    const dollars = owned.lines
      .filter(({ owner }) => Object(owner).name === 'week@1')
      .reduce((sum, one) => sum + one.dollars, 0)
    expect(features.reduce((sum, one) => sum + one.dollars, 0)).toBeCloseTo(dollars, 9)
    const bytes = (name: string): number => features.find(({ feature }) => feature === name)?.bytes ?? 0
    expect(bytes('count_1h')).toBeGreaterThan(0)
    expect(bytes('count_7d')).toBe(bytes('count_1h'))
    // A sum and its mean share one part. Registers are the largest part.
    expect(bytes('sum_delay_7d')).toBe(bytes('mean_delay_7d'))
    expect(bytes('approx_distinct_origin_7d')).toBeGreaterThan(4 * bytes('sum_delay_7d'))
  })

  it('counts a read and a write for each day of an entity in a backfill', () => {
    const backfills = [{ view: 'week@1', rows: 240_000, items: 10_000 }]
    const { bill: once, bytes } = onceCost({ plan: WINDOWS, environment, backfills })
    const of = (what: string) =>
      once.lines.filter(one => one.what === what).reduce((sum, { quantity }) => sum + quantity, 0)
    expect(of('items written')).toBeCloseTo(10_000 * write.writeUnits, 3)
    expect(of('tiles read to be written')).toBeCloseTo(10_000 * write.readUnits, 3)
    // 240,000 events of 0.5 ms, in 1 GB.
    expect(of('writing items')).toBeCloseTo(120, 6)
    expect(bytes).toBe(240_000 * historyBytes(week))
  })
})

describe('the estimate of a stream’s events', () => {
  const workload = workloadOf(
    {
      everyView: { entities: 10 },
      views: {
        'landed@1': { pushedPerDay: 1_000 },
        'newest@1': { pushedPerDay: 1_000 },
        'clicked@1': { pushedPerDay: 500 },
      },
      streams: { arrivals: { postsPerDay: 100 } },
    },
    STREAMS,
  )
  const line = paid({ plan: STREAMS, environment: environmentOf(STREAMS), workload })

  it('counts put and delivery once for any number of views, and excludes a stream of another owner', () => {
    expect(line('rows put')).toBeCloseTo(1_000 * DAYS, 6)
    expect(line('rows put', 'landed@1')).toBeCloseTo(500 * DAYS, 6)
    expect(line('rows put', 'clicked@1')).toBe(0)
    expect(line('batches of pushed rows')).toBeCloseTo(15 * DAYS, 6)
    expect(line('rows delivered, as 5 KB each')).toBeCloseTo((1_500 * DAYS * 5 * 1_024) / GB, 9)
  })

  it('counts the writes to each view of the stream', () => {
    expect(line('items written', 'newest@1')).toBeCloseTo(1_000 * DAYS, 6)
    expect(line('items written', 'landed@1')).toBeGreaterThanOrEqual(1_000 * DAYS)
    // 2,500 of 0.5 ms, in half a GB.
    expect(line('writing pushed rows')).toBeCloseTo((2_500 * DAYS * 0.0005) / 2, 9)
  })

  it('counts a request and an invocation for each push, shared by the views', () => {
    expect(line('requests to push')).toBeCloseTo(2 * 100 * DAYS, 6)
    expect(line('requests to push', 'newest@1')).toBeCloseTo(2 * 50 * DAYS, 6)
    expect(line('time of requests to push')).toBeCloseTo((100 * DAYS * 0.02) / 2, 9)
    const unposted = paid({
      plan: STREAMS,
      environment: environmentOf(STREAMS),
      workload: { ...workload, streams: {} },
    })
    // One metric of the function, six of the route.
    expect(line('metrics') - unposted('metrics')).toBe(7)
  })
})
