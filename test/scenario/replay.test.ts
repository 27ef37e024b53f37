/**
 * The example's own service of windows and derived features: what is before the cut comes as batches, what is after it is
 * pushed, events and hourly weather, in the order of time. At every quarter of an hour many entities are asked for and the
 * answers recorded; then what was pushed is ingested, and a training set holds exactly what was answered.
 */
import { copyFile, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { liveDelays } from '../../definitions/flights.ts'
import { materializationTasks } from '../../lambdas/materialization.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { folderFeatureLog, folderFeatureLogReader } from '../../lib/local/streams/folder-feature-log.ts'
import { folderPushedRows } from '../../lib/local/streams/folder-pushed-rows.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import { isoMicros } from '../../lib/online/item/instant-text.ts'
import type { FeatureLog, FeatureLogReader, PushedRows, Row } from '../../lib/runtime.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { checkSkew, type SkewReport } from '../../lib/verbs/feature-log/check-skew.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { type PushedRecord, pusher } from '../../lib/verbs/push/push.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { findService } from '../../lib/verbs/tables/open-origin.ts'
import { type Random, random } from '../oracle/random.ts'
import { memoryRecords } from '../support/memory-records.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

const DATA = 'definitions/data'
const FULL = resolve(import.meta.dirname, '../..', DATA)
const SEED = 20_130_105
const CUT = Date.UTC(2013, 0, 5)
const QUARTER = 15 * 60_000
const REQUESTS = 400
const ENTITIES = 126
const END = CUT + REQUESTS * QUARTER

const instant = (ms: number): string => `timestamp '${new Date(ms).toISOString().slice(0, 19)}'`
const DEPARTED = 'time_hour + to_minutes(cast(minute + dep_delay as bigint))'
const LANDED = 'time_hour + to_minutes(cast(minute + dep_delay + air_time as bigint))'

/** Flights that had left by the cut, some of them still in the air: these land in the history and in the stream. */
async function layHistory({ engine, root }: TemporaryStore): Promise<void> {
  const lay = (name: string, past: string) =>
    engine.unload(`select * from '${FULL}/${name}' where ${past}`, join(root, DATA, name))
  await mkdir(join(root, DATA), { recursive: true })
  await lay('flights.parquet', `${DEPARTED} <= ${instant(CUT)}`)
  await lay('weather.parquet', `time_hour <= ${instant(CUT)}`)
  await copyFile(join(FULL, 'airports.parquet'), join(root, DATA, 'airports.parquet'))
}

const flights = (at: string, delay: string): string =>
  `select ${at} as happened, carrier, cast(flight as integer) as flight, make_date(year, month, day) as day,
     origin, dest, cast(${delay} as integer) as ${delay}
   from '${FULL}/flights.parquet' where ${at} > ${instant(CUT)} and ${at} <= ${instant(END)}`

/** What happens after the cut, as queries and as producers send it. */
const PRODUCERS: readonly {
  readonly rows: string
  readonly text: (happened: string, row: Row) => object
}[] = [
  {
    rows: `${flights(DEPARTED, 'dep_delay')} and dep_delay is not null`,
    text: (departed_at, row) => ({ source: 'departures', event: { ...row, departed_at } }),
  },
  {
    rows: `${flights(LANDED, 'arr_delay')} and arr_delay is not null and air_time is not null`,
    text: (landed_at, row) => ({ source: 'arrivals', event: { ...row, landed_at } }),
  },
  {
    rows: `
      select time_hour as happened, origin as airport, temp, dewp, humid, cast(wind_dir as integer) as wind_dir,
        wind_speed, wind_gust, precip, pressure, visib,
        round(wind_speed * sin(radians(wind_dir)), 6) as wind_from_east,
        round(wind_speed * cos(radians(wind_dir)), 6) as wind_from_north
      from '${FULL}/weather.parquet' where time_hour > ${instant(CUT)} and time_hour <= ${instant(END)}`,
    text: (event_timestamp, row) => ({ view: 'airport_weather', row: { ...row, event_timestamp } }),
  },
]

type Happened = Omit<PushedRecord, 'id'>

async function pushedLater({ engine }: TemporaryStore): Promise<readonly Happened[]> {
  const all: Happened[] = []
  for (const { rows, text } of PRODUCERS)
    for (const { happened, ...row } of await engine.rows(rows)) {
      const arrived = happened as bigint
      all.push({ arrived, text: JSON.stringify(text(isoMicros(arrived), row)) })
    }
  return all.sort((a, b) => (a.arrived < b.arrived ? -1 : 1))
}

type Entities = Readonly<Record<string, readonly (string | number | null)[]>>

/** Carriers and airports that fly together and that do not, and some that nobody has heard of. */
async function entitiesOf({ engine }: TemporaryStore): Promise<(chance: Random) => Entities> {
  const [row = {}] = await engine.rows(
    `select list_sort(list(distinct carrier)) as carrier, list_sort(list(distinct origin)) as origin,
       list_sort(list(distinct dest)) as dest from '${FULL}/flights.parquet' where month = 1`,
  )
  const known = ['carrier', 'origin', 'dest'].map(name => [name, row[name] as string[]] as const)
  const column = <T>(make: () => T): readonly T[] => Array.from({ length: ENTITIES }, make)
  return chance => ({
    ...Object.fromEntries(
      known.map(([name, values]) => [name, column(() => chance.pick([...values, 'ZZ']))]),
    ),
    distance: column(() => chance.pick([null, 0, 1_499, 1_500, 2_475])),
  })
}

const recorded = memoryRecords()
const chance = random(SEED)
let store: TemporaryStore
let entities: (chance: Random) => Entities

/** Asks for some entities, and waits until the answers are recorded. */
function asker(answers: FeatureLog): () => Promise<void> {
  const features = onlineFeatures({ ...store, recording: { answers, share: 1, onOutcome: recorded.told } })
  return async () => {
    const before = recorded.outcomes.length
    await features(JSON.stringify({ feature_service: 'live_delays', entities: entities(chance) }))
    await recorded.settled(before + 1)
  }
}

const pusherTo = (pushed: PushedRows) => pusher({ ...store, pushed })

async function ingestAll(): Promise<void> {
  for (const view of Object.values(store.plan.views)) await ingest(store, view)
}

const replayed = (records: FeatureLogReader): Promise<SkewReport> =>
  checkSkew({ ...store, records }, findService(store.plan, 'live_delays'))

const differing = ({ features }: SkewReport) => features.filter(({ compared, equal }) => equal < compared)

beforeAll(async () => {
  store = await temporaryStore({ definitions: [liveDelays], now: CUT })
  entities = await entitiesOf(store)
  await layHistory(store)
  await ingestAll()
  const views = Object.keys(store.plan.views)
  const input = { views, ingest: [], from: null, to: microsOf(CUT).toString() }
  await aslWorkflow({ tasks: materializationTasks(store) }).run(stateMachine(store.plan), input)
})
afterAll(() => store[Symbol.asyncDispose]())

it(`answers ${REQUESTS * ENTITIES} times what a training set holds, to the last bit`, async () => {
  const later = await pushedLater(store)
  expect(later.length).toBeGreaterThan(7_000)
  const [push, ask] = [pusherTo(folderPushedRows(store.objects)), asker(folderFeatureLog(store))]
  let next = 0
  for (let request = 1; request <= REQUESTS; request++) {
    const nowMs = CUT + request * QUARTER
    store.setNow(nowMs)
    const from = next
    while ((later[next]?.arrived ?? microsOf(END + 1)) <= microsOf(nowMs)) next++
    const { refused, failed } = await push(later.slice(from, next).map((one, i) => ({ id: `${i}`, ...one })))
    expect([refused, failed]).toEqual([[], []])
    await ask()
  }
  expect(next).toBe(later.length)
  expect(recorded.outcomes.filter(outcome => !('recorded' in outcome))).toEqual([])
  await ingestAll()
  const report = await replayed(folderFeatureLogReader(store.root))
  expect({ seed: SEED, different: differing(report) }).toEqual({ seed: SEED, different: [] })
  const answers = REQUESTS * ENTITIES
  expect(report).toMatchObject({ answers, equal: answers, otherPlans: 0, unreadable: 0 })
  expect(report.features.map(({ compared }) => compared)).toEqual(report.features.map(() => answers))
})

it('finds an event that was served and never laid down', async () => {
  const landed_at = isoMicros(microsOf(END))
  const flight = {
    carrier: 'UA',
    flight: 9_999,
    day: '2013-01-09',
    origin: 'EWR',
    dest: 'ORD',
    arr_delay: 77,
  }
  const text = JSON.stringify({ source: 'arrivals', event: { ...flight, landed_at } })
  const lost = { id: 'lost', text, arrived: microsOf(END) }
  const { pushed } = await pusherTo({ append: async () => undefined })([lost])
  expect(pushed).toEqual({ 'carrier_arrivals@1': 1, 'route_arrivals@1': 1 })
  await asker(recorded)()
  await ingestAll()
  const report = await replayed(recorded)
  expect(report.answers).toBe(ENTITIES)
  expect(report.equal).toBeLessThan(ENTITIES)
  const names = differing(report).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['arrivals_6h', 'late_arrivals_6h', 'mean_arr_delay_6h']))
  expect(names).not.toContain('departures_1h')
  const [{ examples } = { examples: [] }] = differing(report).filter(
    ({ name }) => name === 'late_arrivals_6h',
  )
  expect(examples).toHaveLength(3)
  for (const { asked, instant: at, online, offline } of examples)
    expect([asked['carrier'], at, Number(online)]).toEqual(['UA', landed_at, Number(offline) + 1])
})
