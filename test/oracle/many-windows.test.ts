/** With more events than fit into one chunk or thread, both ways to compute a sum equal a plain range join. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { compile } from '../../lib/compiler/compile.ts'
import {
  aggregateView,
  count,
  days,
  entity,
  featureService,
  fileSource,
  last,
  sum,
} from '../../lib/definition/index.ts'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { pointInTimeJoin } from '../../lib/offline/training-set/point-in-time-join.ts'
import { duckdb } from '../../lib/sql/dialect.ts'

const [EVENTS, POINTS] = [300_000, 10_000]
const [SHOPS, TILLS] = [40, 5]

const draw = (salt: string, below: number): string => `cast(hash(i, '${salt}') % ${below} as bigint)`
/** Instants with a resolution of seconds, so that many are equal. */
const time = (salt: string): string => `timestamp '2025-01-01' + to_seconds(${draw(salt, 90 * 86_400)})`
const keys = (salt: string): string =>
  `'shop ' || ${draw(`${salt} shop`, SHOPS)} as shop, ${draw(`${salt} till`, TILLS)} as till`

const orders = aggregateView({
  name: 'orders',
  entities: [entity({ name: 'till', joinKeys: { shop: 'string', till: 'int64' } })],
  source: fileSource({
    name: 'order_log',
    path: 'orders.parquet',
    eventTimestamp: 'at',
    columns: { shop: 'string', till: 'int64', order_id: 'int64', items: 'int32' },
  }),
  eventId: ['order_id'],
  aggregations: [count(), sum('items'), last('items')],
  windows: [days(1), days(30)],
})
const plan = compile([featureService({ name: 'all', features: [orders] })])

/** Windows shorter than twelve days start at tiles of an hour, and longer ones at tiles of a day. */
const plain = `
  select s.spine_row,
    count(e.quern_event) filter (where e.event_timestamp >= time_bucket(interval 1 hour, s.event_timestamp - interval 1 day)) as count_1d,
    count(e.quern_event) as count_30d,
    arg_max(e.items, (e.event_timestamp, e.quern_event)) as last_items_30d,
    sum(e.items) filter (where e.event_timestamp >= time_bucket(interval 1 hour, s.event_timestamp - interval 1 day)) as sum_items_1d,
    sum(e.items) as sum_items_30d
  from the_spine s left join the_events e on e.shop = s.shop and e.till = s.till and e.event_timestamp
    between time_bucket(interval 1 day, s.event_timestamp - interval 30 days) and s.event_timestamp
  group by s.spine_row`

describe(`windows over ${EVENTS} events`, () => {
  let engine: DuckDbEngine
  let scratch: string
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'quern-windows-'))
    engine = await openDuckDb({ scratch })
    await engine.run(`create temp table the_events as
      select ${keys('event')}, ${time('event')} as event_timestamp, event_timestamp as created_timestamp, '' as row_hash,
        length(i::varchar) || ':' || i as quern_event,
        case when ${draw('null', 9)} > 0 then cast(${draw('items', 1_000)} - 500 as integer) end as items
      from range(${EVENTS}) t(i)`)
    await engine.run(`create temp table the_spine as
      select i as spine_row, ${keys('spine')}, ${time('spine')} as event_timestamp from range(${POINTS}) t(i)`)
    await engine.run(`create temp table expected as ${plain}`)
  })
  afterAll(async () => {
    engine.close()
    await rm(scratch, { recursive: true })
  })

  it.each([
    ['subtracted', 0],
    ['gathered', 1e9],
  ])(
    'equal a plain range join if sums are %s',
    async (_, pairsPerMark) => {
      const service = plan.services['all']
      if (service === undefined) throw new Error('no service')
      const tables = { 'orders@1': 'the_events' }
      const spineColumns = ['spine_row']
      const sql = pointInTimeJoin({
        dialect: duckdb,
        plan,
        service,
        spine: 'the_spine',
        spineColumns,
        tables,
        pairsPerMark,
      })
      const names = 'spine_row, count_1d, count_30d, last_items_30d, sum_items_1d, sum_items_30d'
      await engine.run(`create or replace temp table actual as select ${names} from (${sql})`)
      const [found] = await engine.rows(`
      select (select count(*) from actual) as points, (select count(*) from (from actual except all from expected)) as wrong,
        (select count(*) from actual where sum_items_30d is not null) as held`)
      expect(found).toEqual({ points: BigInt(POINTS), wrong: 0n, held: expect.anything() })
      expect(Number(found?.['held'])).toBeGreaterThan(POINTS / 2)
    },
    900_000,
  )
})
