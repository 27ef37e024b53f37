/** On the flights: arrivals that were reported late are found as leaks, exactly those and no others. */
import { join, resolve } from 'node:path'
import { expect, it } from '@jest/globals'
import { days, entity, featureService, featureView, fileSource } from '../../lib/definition/index.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { findService } from '../../lib/verbs/tables/open-origin.ts'
import { findLeaks } from '../../lib/verbs/training-set/leaks.ts'
import { temporaryStore } from '../support/temporary-store.ts'

const FLIGHTS = resolve(import.meta.dirname, '../../definitions/data/flights.parquet')
/** One arrival in this many was reported late, by this long. */
const ONE_IN = 97
const LATE = 12n * 3_600_000_000n

const aircraft = entity({ name: 'aircraft', joinKeys: { tailnum: 'string' } })
const arrivals = fileSource({
  name: 'arrivals',
  path: 'arrivals.parquet',
  eventTimestamp: 'landed_at',
  createdTimestamp: 'reported_at',
})
const lastArrival = featureView({
  name: 'last_arrival',
  entities: [aircraft],
  source: arrivals,
  features: { arr_delay: 'int32' },
  ttl: days(3),
})

/** Each flight of January with a landing; ties of one aircraft are left out, so that the loop below needs no tie-break. */
const ARRIVALS = `select *, case when number % ${ONE_IN} = 0 then landed_at + interval 12 hour else landed_at end as reported_at
from (
  select tailnum, arr_delay, time_hour + to_minutes(cast(minute + dep_delay + air_time as bigint)) as landed_at,
    row_number() over (order by time_hour, carrier, flight) as number
  from '${FLIGHTS}' where month = 1 and tailnum is not null and arr_delay is not null
) qualify row_number() over (partition by tailnum, landed_at order by number) = 1`

const SPINE = `select tailnum, time_hour + to_minutes(cast(minute as bigint)) as event_timestamp
from '${FLIGHTS}' where month = 1 and tailnum is not null`

it('arrivals that were reported late are found, exactly those', async () => {
  const service = featureService({ name: 'turnaround', features: [lastArrival] })
  await using store = await temporaryStore({ definitions: [service] })
  await store.engine.unload(ARRIVALS, join(store.root, 'arrivals.parquet'))
  await store.engine.unload(SPINE, join(store.root, 'spine.parquet'))
  await ingest(store, viewOf(store.plan, 'last_arrival@1'))
  const out = join(store.root, 'leaks.parquet')
  const report = await findLeaks(store, findService(store.plan, 'turnaround'), {
    spine: 'spine.parquet',
    out,
  })

  const landings = new Map<string, bigint[]>()
  const late = new Set<string>()
  for (const row of await store.engine.rows(
    `select tailnum, landed_at, reported_at from '${store.root}/arrivals.parquet'`,
  )) {
    const [tailnum, landed] = [String(row['tailnum']), row['landed_at'] as bigint]
    landings.set(tailnum, [...(landings.get(tailnum) ?? []), landed])
    if (row['reported_at'] !== landed) late.add(`${tailnum} ${landed}`)
  }
  const spine = await store.engine.rows(`select * from '${store.root}/spine.parquet'`)
  const expected = spine.flatMap((row, i) => {
    const t = row['event_timestamp'] as bigint
    const before = (landings.get(String(row['tailnum'])) ?? []).filter(landed => landed <= t)
    const last = before.reduce<bigint | null>(
      (max, landed) => (max === null || landed > max ? landed : max),
      null,
    )
    const seen = last !== null && last >= t - 3n * 86_400_000_000n
    return seen && late.has(`${row['tailnum']} ${last}`) && last + LATE > t
      ? [{ spine_row: BigInt(i + 1), row_event_timestamp: last, delay_ms: (last + LATE - t) / 1_000n }]
      : []
  })
  expect(expected.length).toBeGreaterThan(30)
  expect(
    await store.engine.rows(
      `select spine_row, row_event_timestamp, delay_ms from '${out}' order by spine_row`,
    ),
  ).toEqual(expected)
  const delays = expected.map(leak => Number(leak.delay_ms)).sort((a, b) => a - b)
  expect(report.views).toEqual([
    {
      alias: 'last_arrival',
      view: 'last_arrival@1',
      columns: ['arr_delay'],
      rows: expected.length,
      delayMs: {
        p50: delays[Math.ceil(delays.length * 0.5) - 1],
        p90: delays[Math.ceil(delays.length * 0.9) - 1],
        p99: delays[Math.ceil(delays.length * 0.99) - 1],
        max: delays.at(-1),
      },
    },
  ])
})
