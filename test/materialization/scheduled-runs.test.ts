import { describe, expect, it } from '@jest/globals'
import {
  aggregateView,
  count,
  entity,
  featureView,
  fileSource,
  hours,
  minutes,
  streamSource,
  tableSource,
  viewSource,
} from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import { runsOnArrival, runsOnSchedule } from '../../lib/materialization/scheduled-runs.ts'
import { SHOP } from '../infrastructure/stores.ts'

const user = entity({ name: 'user', joinKeys: { user: 'string' } })
const table = tableSource({
  name: 'clicks',
  database: 'web',
  table: 'clicks',
  eventTimestamp: 'at',
  local: { folder: 'data' },
})
const view = { entities: [user], source: table, features: { f: 'int32' } } as const

describe('runsOnSchedule', () => {
  it('returns one run per schedule, which ingests tables and pushed rows but no files', () => {
    expect(runsOnSchedule(SHOP)).toEqual([
      {
        expression: 'cron(0 6 ? * MON-FRI *)',
        input: { views: ['opened@1'], ingest: ['opened@1'], from: null, to: null },
      },
      // Events go online when they arrive. Without a schedule, a daily run adds them to the history.
      { expression: 'rate(1440 minutes)', input: { views: [], ingest: ['visits@1'], from: null, to: null } },
      {
        expression: 'rate(60 minutes)',
        input: {
          views: ['kept@1', 'spent@1', 'spent_twice@1'],
          ingest: ['archived@1', 'kept@1', 'spent@1', 'spent_twice@1'],
          from: null,
          to: null,
        },
      },
    ])
  })

  it('ingests pushed events of streams with and without a history, and materializes views that have a schedule', () => {
    const stream = {
      schema: { user: 'string', page: 'string' },
      eventTimestamp: 'at',
      eventId: ['page'],
    } as const
    const past = fileSource({ name: 'past', path: 'past.parquet', eventTimestamp: 'at' })
    const counts = { entities: [user], aggregations: [count()], windows: [hours(1)] } as const
    const plan = compile([
      aggregateView({
        ...counts,
        name: 'seen',
        source: streamSource({ ...stream, name: 'pages' }),
        schedule: { every: hours(24) },
      }),
      aggregateView({
        ...counts,
        name: 'visits',
        source: streamSource({ ...stream, name: 'visits', history: { source: past } }),
      }),
      featureView({
        entities: [user],
        name: 'last_page',
        source: streamSource({ ...stream, name: 'opened', history: { source: table } }),
        features: { page: 'string' },
      }),
    ])
    expect(runsOnSchedule(plan)).toEqual([
      {
        expression: 'rate(1440 minutes)',
        input: {
          views: ['seen@1'],
          ingest: ['last_page@1', 'seen@1', 'visits@1'],
          from: null,
          to: null,
        },
      },
    ])
    expect(runsOnArrival(plan)).toEqual([
      { source: 'clicks', input: { views: [], ingest: ['last_page@1'], from: null, to: null } },
    ])
  })

  it('uses the singular for one minute, as EventBridge requires', () => {
    const plan = compile([
      featureView({ ...view, name: 'a', schedule: { every: minutes(1) } }),
      featureView({ ...view, name: 'b', schedule: { every: hours(24) } }),
      featureView({ ...view, name: 'c' }),
    ])
    expect(runsOnSchedule(plan).map(({ expression }) => expression)).toEqual([
      'rate(1 minute)',
      'rate(1440 minutes)',
    ])
  })
})

describe('runsOnArrival', () => {
  it('returns all views that a table source reaches', () => {
    expect(runsOnArrival(SHOP)).toEqual([
      {
        source: 'orders',
        input: {
          views: ['spent@1', 'spent_twice@1'],
          ingest: ['archived@1', 'spent@1', 'spent_twice@1'],
          from: null,
          to: null,
        },
      },
      { source: 'tickets', input: { views: ['opened@1'], ingest: ['opened@1'], from: null, to: null } },
    ])
  })

  it('returns no runs for files', () => {
    const files = fileSource({ name: 'files', path: 'f.parquet', eventTimestamp: 'at' })
    expect(runsOnArrival(compile([featureView({ ...view, name: 'a', source: files })]))).toEqual([])
  })

  it('splits a run that is too large, and keeps dependent views together', () => {
    const names = Array.from({ length: 150 }, (_, i) => `clicks_of_the_last_days_${i}`)
    const plan = compile(
      names.flatMap(name => [
        featureView({ ...view, name }),
        featureView({ ...view, name: `${name}_again`, source: viewSource({ view: name }) }),
      ]),
    )
    const runs = runsOnArrival(plan)
    expect(runs.length).toBeGreaterThan(1)
    expect(runs.flatMap(({ input }) => input.views).sort()).toEqual(Object.keys(plan.views).sort())
    for (const { input } of runs) {
      expect(JSON.stringify(input).length).toBeLessThanOrEqual(8_000)
      const views = new Set(input.views)
      for (const key of views) expect(views).toContain(key.replace('_again@', '@'))
    }
  })
})
