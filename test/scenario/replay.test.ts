/**
 * Nine days of the flights: what is before the cut comes as a batch, what is after it as streams, in the order of
 * time. Every quarter of an hour many entities are asked for and the answers recorded; then what was pushed is ingested,
 * and a training set holds exactly what was answered.
 */
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import {
  aggregateView,
  column,
  count,
  days,
  entity,
  featureService,
  featureView,
  fileSource,
  hours,
  lastN,
  mean,
  pick,
  streamSource,
} from 'quern'
import { materializationTasks } from '../../lambdas/materialization.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { folderPushedRows } from '../../lib/local/folder-pushed-rows.ts'
import { folderRecordedAnswers, folderRecordedLines } from '../../lib/local/folder-recorded-answers.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import { isoMicros } from '../../lib/online/instant-text.ts'
import { microsOf } from '../../lib/point-in-time.ts'
import type { PushedRows, Row } from '../../lib/runtime.ts'
import { onlineFeatures } from '../../lib/verbs/get-online-features.ts'
import { ingest } from '../../lib/verbs/ingest.ts'
import { findService } from '../../lib/verbs/open-origin.ts'
import { pusher } from '../../lib/verbs/push.ts'
import { type ReplayReport, replay } from '../../lib/verbs/replay.ts'
import { memoryRecords } from '../memory-records.ts'
import { type Random, random } from '../oracle/random.ts'
import { type TemporaryStore, temporaryStore } from '../temporary-store.ts'

const FLIGHTS = resolve(import.meta.dirname, '../../definitions/data/flights.parquet')
const SEED = 20_130_105
const CUT = Date.UTC(2013, 0, 5)
const QUARTER = 15 * 60_000
const REQUESTS = 480
const ENTITIES = 105
const END = CUT + REQUESTS * QUARTER

const airport = entity({ name: 'airport', joinKeys: { airport: 'string' } })
const carrier = entity({ name: 'carrier', joinKeys: { carrier: 'string' } })
const route = entity({ name: 'route', joinKeys: { origin: 'string', dest: 'string' } })
const stream = <const N extends string>(name: N, at: string, delay: string) =>
  streamSource({
    name,
    schema: {
      carrier: 'string',
      flight: 'int32',
      day: 'date',
      origin: 'string',
      dest: 'string',
      [delay]: 'int32',
    },
    eventTimestamp: at,
    eventId: ['carrier', 'flight', 'day', 'origin'],
    history: {
      source: fileSource({ name: `past_${name}`, path: `${name}.parquet`, eventTimestamp: at }),
    },
  })
const departures = stream('departures', 'departed_at', 'dep_delay')
const arrivals = stream('arrivals', 'landed_at', 'arr_delay')
const windows = [hours(1), hours(6), days(1), days(7)] as const

const airportDepartures = aggregateView({
  name: 'airport_departures',
  entities: [airport],
  source: departures,
  joinKeys: { airport: 'origin' },
  aggregations: [count(), mean('dep_delay')],
  windows,
})
const carrierArrivals = aggregateView({
  name: 'carrier_arrivals',
  entities: [carrier],
  source: arrivals,
  aggregations: [
    count(),
    mean('arr_delay'),
    count({ as: 'late', where: column('arr_delay', 'int32').greaterThan(15) }),
  ],
  windows,
})
const routeArrivals = aggregateView({
  name: 'route_arrivals',
  entities: [route],
  source: arrivals,
  aggregations: [count(), mean('arr_delay'), lastN('flight', 3)],
  windows,
})
/** A plain view has the stream, too: the newest event wins. */
const lastArrival = featureView({
  name: 'last_arrival',
  entities: [carrier],
  source: arrivals,
  features: { dest: 'string', arr_delay: 'int32' },
  ttl: hours(8),
})
const live = featureService({
  name: 'live',
  features: [
    pick(airportDepartures, ['count_1h', 'mean_dep_delay_1h', 'mean_dep_delay_6h', 'mean_dep_delay_7d'], {
      alias: 'from',
      joinKeys: { airport: 'origin' },
    }),
    carrierArrivals,
    routeArrivals,
    pick(lastArrival, ['arr_delay', 'dest'], { rename: { dest: 'last_dest' } }),
  ],
})

/** A delay is known once the flight has left, or landed. */
const EVENTS = `
  with f as (
    select *, make_date(year, month, day) as d,
      time_hour + to_minutes(cast(minute + dep_delay as bigint)) as departed_at,
      time_hour + to_minutes(cast(minute + dep_delay + air_time as bigint)) as landed_at
    from '${FLIGHTS}' where month = 1
  )
  select 'departures' as stream, departed_at as happened, carrier, cast(flight as integer) as flight, d as day,
    origin, dest, cast(dep_delay as integer) as delay
  from f where dep_delay is not null
  union all
  select 'arrivals', landed_at, carrier, cast(flight as integer), d, origin, dest, cast(arr_delay as integer)
  from f where arr_delay is not null and air_time is not null`

const DELAY = { departures: ['departed_at', 'dep_delay'], arrivals: ['landed_at', 'arr_delay'] } as const
type Stream = keyof typeof DELAY

const instant = (ms: number): string => `timestamp '${new Date(ms).toISOString().slice(0, 19)}'`

async function layHistory({ engine, root }: TemporaryStore): Promise<void> {
  for (const [name, [at, delay]] of Object.entries(DELAY))
    await engine.unload(
      `select * exclude (stream, happened, delay), delay as ${delay}, happened as ${at}
       from (${EVENTS}) e where stream = '${name}' and happened <= ${instant(CUT)}`,
      join(root, `${name}.parquet`),
    )
}

interface Event {
  readonly at: bigint
  readonly text: string
}

/** As a producer sends it. */
function eventOf({ stream, happened: at, delay, ...row }: Row): Event {
  const [timestamp, column] = DELAY[stream as Stream]
  const fields = { ...row, [column]: delay, [timestamp]: isoMicros(at as bigint) }
  return { at: at as bigint, text: JSON.stringify({ source: stream, event: fields }) }
}

const pushedIn = async ({ engine }: TemporaryStore): Promise<readonly Event[]> => {
  const rows = await engine.rows(
    `select * from (${EVENTS}) e where happened > ${instant(CUT)} and happened <= ${instant(END)} order by happened, stream, flight`,
  )
  return rows.map(eventOf)
}

/** Carriers, airports and routes that fly together and that do not, and some that nobody has heard of. */
async function entitiesOf({ engine }: TemporaryStore): Promise<(chance: Random) => Record<string, string[]>> {
  const [row = {}] = await engine.rows(
    `select list_sort(list(distinct carrier)) as carrier, list_sort(list(distinct origin)) as origin,
       list_sort(list(distinct dest)) as dest from (${EVENTS}) e`,
  )
  const known = ['carrier', 'origin', 'dest'].map(name => [name, row[name] as string[]] as const)
  return chance =>
    Object.fromEntries(
      known.map(([name, values]) => [
        name,
        Array.from({ length: ENTITIES }, () => chance.pick([...values, 'ZZ'])),
      ]),
    )
}

const recorded = memoryRecords()

/** Asks, and lets the answers be recorded in the store's folder. */
const asker = (store: TemporaryStore) =>
  onlineFeatures({
    ...store,
    recording: { answers: folderRecordedAnswers(store), share: 1, told: recorded.told },
  })

const pusherOf = (store: TemporaryStore, pushed: PushedRows = folderPushedRows(store.objects)) =>
  pusher({ ...store, pushed })

const views = (store: TemporaryStore) => Object.values(store.plan.views)

let store: TemporaryStore
let entities: (chance: Random) => Record<string, string[]>
const chance = random(SEED)

const ask = async (): Promise<void> => {
  await asker(store)(JSON.stringify({ feature_service: 'live', entities: entities(chance) }))
}

const replayed = (): Promise<ReplayReport> =>
  replay({ ...store, records: folderRecordedLines(store.root) }, findService(store.plan, 'live'))

beforeAll(async () => {
  store = await temporaryStore({ definitions: [live], now: CUT })
  entities = await entitiesOf(store)
  await layHistory(store)
  for (const view of views(store)) await ingest(store, view)
  const input = {
    views: views(store).map(({ key }) => key),
    ingest: [],
    from: null,
    to: microsOf(CUT).toString(),
  }
  await aslWorkflow({ tasks: materializationTasks(store) }).run(stateMachine(store.plan), input)
}, 60_000)
afterAll(() => store[Symbol.asyncDispose]())

it(`answers ${REQUESTS * ENTITIES} times what a training set holds, to the last bit`, async () => {
  const events = await pushedIn(store)
  expect(events.length).toBeGreaterThan(8_000)
  const push = pusherOf(store)
  let next = 0
  for (let request = 1; request <= REQUESTS; request++) {
    const nowMs = CUT + request * QUARTER
    store.setNow(nowMs)
    const from = next
    while ((events[next]?.at ?? microsOf(END + 1)) <= microsOf(nowMs)) next++
    const records = events.slice(from, next).map(({ at, text }, i) => ({ id: String(i), text, arrived: at }))
    const { refused, failed } = await push(records)
    expect([refused, failed]).toEqual([[], []])
    await ask()
    await recorded.settled(request)
  }
  expect(next).toBe(events.length)
  expect(recorded.outcomes.filter(outcome => !('recorded' in outcome))).toEqual([])
  for (const view of views(store)) await ingest(store, view)
  const report = await replayed()
  const different = report.features.filter(({ compared, equal }) => compared !== equal)
  expect({ seed: SEED, different }).toEqual({ seed: SEED, different: [] })
  expect(report).toMatchObject({
    answers: REQUESTS * ENTITIES,
    equal: REQUESTS * ENTITIES,
    otherPlans: 0,
    unreadable: 0,
  })
}, 300_000)

it('finds an event that was served and never laid down', async () => {
  const lost = {
    carrier: 'UA',
    flight: 9_999,
    day: '2013-01-09',
    origin: 'EWR',
    dest: 'ORD',
    arr_delay: 77,
    landed_at: isoMicros(microsOf(END)),
  }
  const { pushed } = await pusherOf(store, { lay: async () => undefined })([
    { id: 'lost', text: JSON.stringify({ source: 'arrivals', event: lost }), arrived: microsOf(END) },
  ])
  expect(pushed).toEqual({ 'carrier_arrivals@1': 1, 'last_arrival@1': 1, 'route_arrivals@1': 1 })
  const before = recorded.outcomes.length
  await ask()
  await recorded.settled(before + 1)
  for (const view of views(store)) await ingest(store, view)
  const report = await replayed()
  expect(report.answers).toBe((REQUESTS + 1) * ENTITIES)
  expect(report.equal).toBeLessThan(report.answers)
  const different = report.features.filter(({ compared, equal }) => compared !== equal)
  expect(different.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['arr_delay', 'last_dest', 'late_1h']),
  )
  const [{ examples } = { examples: [] }] = different.filter(({ name }) => name === 'late_1h')
  expect(examples).not.toEqual([])
  for (const { keys, instant: at, online, offline } of examples)
    expect([keys['carrier'], at, Number(online)]).toEqual([
      'UA',
      isoMicros(microsOf(END)),
      Number(offline) + 1,
    ])
}, 120_000)
