/** The one-time and monthly cost of a change, and cost limits, on a store that is small enough to check by hand. */
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { featureDollars } from '../../lib/cost/feature-dollars.ts'
import { monthlyEstimate } from '../../lib/cost/monthly-estimate.ts'
import { onceCost } from '../../lib/cost/once.ts'
import { overspent, ownerChanges, ownerDollars } from '../../lib/cost/owner-dollars.ts'
import { historyBytes } from '../../lib/cost/row-bytes.ts'
import { workloadOf } from '../../lib/cost/workload.ts'
import type { Plan } from '../../lib/plan/plan.ts'
import { environmentOf, SMALL, sized } from './stores.ts'

const environment = environmentOf(SMALL, { concurrency: { chunks: 2 } })
const VISITS = 'visits@1'
const LOAD = {
  everyView: { entities: 1_000_000, rowsPerDay: 240_000 },
  everyService: { requestsPerSecond: 10 },
}
const loaded = (plan: Plan) => monthlyEstimate({ plan, environment, workload: workloadOf(LOAD, plan) })

describe('onceCost', () => {
  const once = (rows: number, items: number) =>
    onceCost({ plan: SMALL, environment, backfills: [{ view: VISITS, rows, items }] })

  it('counts a run that reads all rows, compares them with the table, and writes the items', () => {
    const { bill: cost, bytes, writingMs } = once(10_000_000, 1_000_000)
    const paid = (service: string, what: string) =>
      cost.lines.filter(line => line.service === service && line.what === what)
    // An item has 169 bytes: one write unit. A chunk has 6,144 items.
    expect(paid('DynamoDB', 'items written')).toMatchObject([{ quantity: 1_000_000, dollars: 0.625 }])
    expect(paid('Lambda', 'chunks written')).toMatchObject([{ quantity: 163 }])
    // A row has 32 bytes, of which 27 are keys, timestamps and hash. It is read three times and compared twice.
    const view = SMALL.views[VISITS]
    expect(view && historyBytes(view)).toBe(bytes / 10_000_000)
    const ingest = 17 * 10 * 2 ** 20 + 3 * bytes + 2 * (bytes - 10_000_000 * 5)
    expect(paid('Athena', 'ingest')[0]?.quantity).toBeCloseTo(ingest / 2 ** 40, 9)
    // Half a millisecond per row, two chunks in parallel.
    expect(writingMs).toBe(250_000)
  })

  it('excludes monthly costs for every environment', () => {
    const dear = environmentOf(SMALL, {
      dax: { nodeType: 'dax.r5.large' },
      contributorInsights: true,
      replicas: ['eu-west-1'],
    })
    const { bill: cost } = onceCost({
      plan: SMALL,
      environment: dear,
      backfills: [{ view: VISITS, rows: 1, items: 1 }],
    })
    expect(cost.dollars).toBeLessThan(0.01)
    expect(cost.lines.map(({ what }) => what)).toContain('items written to replicas')
  })

  it('writes no item for a view that is not online', () => {
    expect(once(1_000, 0).bill.lines.filter(({ service }) => service === 'DynamoDB')).toEqual([])
    expect(once(1_000, 0).writingMs).toBe(0)
  })
})

describe('ownerChanges', () => {
  const [one, two] = [sized(1), sized(2)].map(loaded)
  if (one === undefined || two === undefined) throw new Error('there are two bills')

  it('returns the cost allocations that changed, and they add up to the total change', () => {
    const changes = ownerChanges(one, two)
    expect(changes.find(({ owner }) => owner === 'view view_1@1')).toMatchObject({ was: null })
    expect(changes.map(({ owner }) => owner)).not.toContain('view view_0@1')
    const sum = changes.reduce((all, { was, is }) => all + (is ?? 0) - (was ?? 0), 0)
    expect(Math.abs(sum - (two.dollars - one.dollars))).toBeLessThan(0.02)
    expect(ownerChanges(two, one).find(({ owner }) => owner === 'view view_1@1')).toMatchObject({ is: null })
    expect(ownerChanges(one, one)).toEqual([])
  })

  it('accepts one workload for both plans, with names of either', () => {
    const file = { views: { 'view_1@1': { entities: 5 } } }
    expect(workloadOf(file, sized(1), sized(2)).views).toEqual(workloadOf({}, sized(1)).views)
    expect(() => workloadOf(file, sized(1))).toThrow('view_1@1')
  })
})

describe('overspent', () => {
  const priced = ({ view, service }: { view: number | null; service: number | null }): Plan => ({
    ...SMALL,
    views: Object.fromEntries(
      Object.entries(SMALL.views).map(([key, one]) => [key, { ...one, monthlyCost: view }]),
    ),
    services: Object.fromEntries(
      Object.entries(SMALL.services).map(([name, one]) => [name, { ...one, monthlyCost: service }]),
    ),
  })
  const sums = ownerDollars(loaded(SMALL))
  const of = (owner: string): number => sums.get(owner) ?? Number.NaN

  it('returns nothing if the cost equals the limit', () => {
    const plan = priced({ view: of(`view ${VISITS}`), service: of('service pair') })
    expect(overspent(plan, loaded(plan))).toEqual([])
    expect(overspent(priced({ view: null, service: null }), loaded(SMALL))).toEqual([])
  })

  it('returns the cost allocation and the amount if the cost is a cent above the limit', () => {
    const plan = priced({ view: of(`view ${VISITS}`) - 0.01, service: of('service pair') - 0.01 })
    expect(overspent(plan, loaded(plan)).map(({ owner, dollars }) => [owner, dollars])).toEqual([
      [`view ${VISITS}`, of(`view ${VISITS}`)],
      ['service pair', of('service pair')],
    ])
  })
})

describe('featureDollars', () => {
  it('splits the cost of a view by the bytes of its features', () => {
    const workloads = fc.record({ entities: fc.nat(1e9), rowsPerDay: fc.nat(1e8) })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), workloads, (views, everyView) => {
        const plan = sized(views)
        const cost = monthlyEstimate({ plan, environment, workload: workloadOf({ everyView }, plan) })
        const features = featureDollars(plan, cost)
        const byView = Map.groupBy(features, ({ view }) => view)
        for (const [view, all] of byView) {
          const sum = all.reduce((total, { dollars }) => total + dollars, 0)
          expect(sum).toBeCloseTo(ownerDollars(cost).get(`view ${view}`) ?? 0, 6)
          for (const { bytes, dollars } of all)
            expect(dollars * (all[0]?.bytes ?? 0)).toBeCloseTo(bytes * (all[0]?.dollars ?? 0), 5)
        }
        expect(features).toHaveLength(views * 10)
      }),
      { numRuns: 20 },
    )
  })

  it('counts the bytes of an attribute as DynamoDB does: name and value', () => {
    const [visits] = featureDollars(SMALL, loaded(SMALL))
    // The name `visits` has 6 bytes. Ten digits take 5 bytes, plus one.
    expect(visits).toMatchObject({ view: VISITS, feature: 'visits', bytes: 12, share: 1 })
  })
})
