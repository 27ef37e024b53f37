import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { dev } from '../../definitions/environments.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { compileEnvironments } from '../../lib/compiler/environment/compile-environment.ts'
import { monthlyEstimate } from '../../lib/cost/monthly-estimate.ts'
import { idle, type ServiceWorkload, type ViewWorkload, workloadOf } from '../../lib/cost/workload.ts'
import { definitions } from '../golden/golden.ts'
import { environmentOf, SMALL, sized } from './stores.ts'

/** The quantity and dollars of a line, over all cost allocations. */
function paid(props: Parameters<typeof monthlyEstimate>[0]) {
  const { lines } = monthlyEstimate(props)
  return (service: string, what: string) => {
    const own = lines.filter(line => line.service === service && line.what === what)
    const sum = (field: 'quantity' | 'dollars') => own.reduce((all, line) => all + line[field], 0)
    return { quantity: sum('quantity'), dollars: sum('dollars') }
  }
}

/** Equal except for float rounding. */
const about = (quantity: number, dollars: number) => ({
  quantity: expect.closeTo(quantity, 6),
  dollars: expect.closeTo(dollars, 6),
})

const GB = 2 ** 30
const SECONDS = 730 * 3_600

describe('the estimate of a store with one view, checked by hand', () => {
  // 730 runs a month, each with 10,000 new rows of as many users: two chunks of at most 6,144.
  const workload = workloadOf(
    {
      everyView: { entities: 1_000_000, rowsPerDay: 240_000, historyDays: 30 },
      everyService: { requestsPerSecond: 10, rowsPerRequest: 3 },
    },
    SMALL,
  )
  const line = paid({ plan: SMALL, environment: environmentOf(SMALL), workload })
  const requests = 10 * SECONDS

  it('counts DynamoDB writes, storage and reads of items', () => {
    // Under 1 KB: one unit per write, half a unit per read. An item has 169 bytes (row-bytes.test.ts), plus 100 of
    // DynamoDB.
    const gb = (1_000_000 * 269) / GB
    expect(line('DynamoDB', 'items written')).toEqual(about(7_300_000, 7.3 * 0.625))
    expect(line('DynamoDB', 'items kept')).toEqual(about(gb, gb * 0.25))
    expect(line('DynamoDB', 'point-in-time recovery')).toEqual(about(gb, gb * 0.2))
    expect(line('DynamoDB', 'items read')).toEqual(about(requests * 3, 26.28 * 3 * 0.125))
  })

  it('counts requests: API, invocations, their duration, and logs', () => {
    // 8 ms, and 0.1 ms for each of 6 keys, in 1 GB.
    expect(line('API Gateway', 'requests')).toEqual(about(requests, 26.28))
    expect(line('Lambda', 'requests')).toEqual(about(requests, 26.28 * 0.2))
    expect(line('Lambda', 'time of requests').quantity).toBeCloseTo(requests * 0.0086, 3)
    expect(line('Lambda', 'time of requests').dollars).toBeCloseTo(26.28 * 0.0086 * 13.3334, 6)
    expect(line('CloudWatch', 'logs of requests').dollars).toBeCloseTo(((requests * 2_300) / GB) * 0.5, 6)
  })

  it('counts runs: states, waiting time, and queries that read the days of each batch', () => {
    expect(line('Step Functions', 'states of runs')).toEqual(about(730 * 6, 730 * 6 * 0.000025))
    expect(line('Step Functions', 'states of views')).toEqual(about(730 * 6, 730 * 6 * 0.000025))
    expect(line('Step Functions', 'states of chunks')).toEqual(about(730 * 4, 730 * 4 * 0.000025))
    // 23 queries of two seconds in half a GB.
    expect(line('Lambda', 'waiting for queries')).toEqual(about(730 * 23, 730 * 23 * 13.3334e-6))
    // A row is a key of 6 bytes, two timestamps of 4, a hash of 9, and a count of 5.
    const compared = 2 * 2 * 240_000 * 23
    const scanned = (17 * 10 * 2 ** 20 + compared + 3 * 10_000 * 28) / 2 ** 40
    expect(line('Athena', 'ingest')).toEqual(about(730 * scanned, 730 * scanned * 5))
    expect(line('S3', 'history kept').quantity).toBeCloseTo((8_200_000 * 28) / GB, 6)
  })
})

describe('the estimate of an environment with options', () => {
  const environment = environmentOf(SMALL, {
    replicas: ['us-east-2'],
    dax: { nodeType: 'dax.r5.large', nodes: 3 },
    concurrency: { provisioned: 2 },
    contributorInsights: true,
    dataEvents: true,
    tracing: true,
    pushShards: 2,
  })
  const workload = workloadOf(
    {
      views: { 'visits@1': { entities: 50_000, pushedPerDay: 120_000 } },
      services: { pair: { requestsPerSecond: 1_000, rowsPerRequest: 100, cacheHits: 0.5 } },
    },
    SMALL,
  )
  const line = paid({ plan: SMALL, environment, workload })
  const requests = 1_000 * SECONDS
  const pushed = 3_650_000

  it('counts DAX nodes, replicas and provisioned functions by the hour', () => {
    expect(line('DAX', 'nodes of dax.r5.large')).toEqual(about(2_190, 2_190 * 0.255))
    expect(line('DynamoDB', 'items written to replicas')).toEqual(about(pushed, 3.65 * 0.625))
    expect(line('DynamoDB', 'items kept').quantity).toBeCloseTo((2 * 50_000 * 269) / GB, 6)
    expect(line('KMS', 'a key in each region')).toEqual(about(2, 2))
    expect(line('Lambda', 'provisioned concurrency')).toEqual(about(2 * SECONDS, 2 * 2.628 * 3.3334))
    expect(line('Kinesis', 'shards')).toEqual(about(1_460, 21.9))
  })

  it('uses the lower price for requests beyond 300 million', () => {
    expect(line('API Gateway', 'requests')).toEqual(about(requests, 300 + (2_628 - 300) * 0.9))
  })

  it('counts an event per item for Contributor Insights and CloudTrail', () => {
    // Half of the 200 keys of a request are not cached: 100 keys, which is one call.
    const events = requests * 100 + pushed
    expect(line('CloudWatch', 'Contributor Insights of items').dollars).toBeCloseTo((events * 0.03) / 1e6, 6)
    expect(line('CloudTrail', 'calls of the online table').dollars).toBeCloseTo((requests + pushed) / 1e6, 6)
    expect(line('X-Ray', 'traces of requests').quantity).toBeCloseTo(SECONDS + (requests - SECONDS) * 0.05, 3)
  })

  it('rounds each pushed row up to 5 KB for Data Firehose', () => {
    const gb = (pushed * 5 * 1_024) / GB
    expect(line('Data Firehose', 'rows delivered, as 5 KB each')).toEqual(about(gb, gb * 0.029))
  })

  it('rounds each logged response up to 5 KB for Data Firehose', () => {
    const recording = { ...environment, recordAnswers: { share: 0.001 } }
    const gb = (requests * 0.001 * 100 * 5 * 1_024) / GB
    expect(
      paid({ plan: SMALL, environment: recording, workload })(
        'Data Firehose',
        'recorded answers, as 5 KB each',
      ),
    ).toEqual(about(gb, gb * 0.029))
  })

  it('lists usage without a known price', () => {
    const dax = { nodeType: 'dax.r9.large', nodes: 1, itemTtlMs: 300_000 }
    const { unpriced, lines } = monthlyEstimate({
      plan: SMALL,
      environment: { ...environment, dax },
      workload,
    })
    expect(unpriced).toEqual(['dax.r9.large'])
    expect(lines.filter(({ service }) => service === 'DAX')).toEqual([])
  })
})

describe('the estimate of the example store', () => {
  const plan = compile(definitions)
  const [environment = environmentOf(plan)] = compileEnvironments([dev], plan)
  const rest = monthlyEstimate({ plan, environment, workload: idle(plan) })

  it('is small without load: a shard, metrics, a dashboard, alarms, a key, and runs that look for pushed rows', () => {
    const dearest = rest.lines.filter(({ dollars }) => dollars >= 0.5).map(({ what }) => what)
    expect(new Set(dearest)).toEqual(
      new Set(['shards', 'metrics', 'dashboards', 'alarms', 'a key in each region', 'states of views']),
    )
    expect(rest.dollars).toBeGreaterThan(15)
    expect(rest.dollars).toBeLessThan(40)
  })

  it('is the sum of its lines, and each line is a quantity times a price', () => {
    const sum = rest.lines.reduce(
      (all, { quantity, unitDollars, per }) => all + (quantity * unitDollars) / per,
      0,
    )
    expect(rest.dollars).toBeCloseTo(sum, 9)
  })
})

describe('the estimate for a growing workload', () => {
  const plan = sized(12)
  const environment = environmentOf(plan, { dataEvents: true, contributorInsights: true, tracing: true })
  const dollars = (view: ViewWorkload, service: ServiceWorkload): number =>
    monthlyEstimate({
      plan,
      environment,
      workload: workloadOf({ everyView: view, everyService: service }, plan),
    }).dollars
  const count = (max: number) => fc.oneof(fc.constant(0), fc.double({ min: 0, max, noNaN: true }))
  const views = fc.record({
    entities: count(1e9),
    rowsPerDay: count(1e8),
    pushedPerDay: count(1e8),
    historyDays: count(3_650),
  })
  const services = fc.record({
    requestsPerSecond: count(1e5),
    rowsPerRequest: count(1_000),
    cacheHits: fc.double({ min: 0, max: 1, noNaN: true }),
    trainingSetsPerMonth: count(1_000),
    spineRows: count(1e9),
  })

  it('never falls, except that more cache hits never raise it', () => {
    fc.assert(
      fc.property(views, services, fc.double({ min: 0, max: 10, noNaN: true }), (view, service, by) => {
        const before = dollars(view, service)
        // Two float sums of the same terms can differ in rounding.
        const least = before - 1e-9 * before
        for (const field of Object.keys(view) as (keyof ViewWorkload)[])
          expect(dollars({ ...view, [field]: view[field] * (1 + by) }, service)).toBeGreaterThanOrEqual(least)
        for (const field of Object.keys(service) as (keyof ServiceWorkload)[]) {
          if (field === 'cacheHits') continue
          expect(dollars(view, { ...service, [field]: service[field] * (1 + by) })).toBeGreaterThanOrEqual(
            least,
          )
        }
        expect(dollars(view, { ...service, cacheHits: 0 })).toBeGreaterThanOrEqual(least)
      }),
      { numRuns: 60 },
    )
  })
})
