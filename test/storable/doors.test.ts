/**
 * All entry points use the same limits. Each accepts a row with equal values, or the first one refuses it and accepts
 * all other rows. Uses real SQL, the real workflow, the wire protocol and real requests.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { materializationTasks } from '../../lambdas/materialization.ts'
import { entity, featureService, featureView, fileSource } from '../../lib/definition/index.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { folderPushedRows } from '../../lib/local/streams/folder-pushed-rows.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import { itemSize, keySize } from '../../lib/offline/ingest/storable-rows.ts'
import { itemKey } from '../../lib/online/item/item.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { type JsonValue, parseJson } from '../../lib/online/item/json-value.ts'
import { unstorableKey, unstorableRow } from '../../lib/online/item/storable-row.ts'
import { RequestError } from '../../lib/online/serving/request-error.ts'
import { type ViewPlan, viewOf } from '../../lib/plan/plan.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { itemMeasure } from '../../lib/storable/row-bytes.ts'
import { StoreError } from '../../lib/store-error.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import type { RunReport } from '../../lib/verbs/materialize/report-run.ts'
import { pusher } from '../../lib/verbs/push/push.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { text } from '../oracle/naive.ts'
import { random } from '../oracle/random.ts'
import { rowsSelect } from '../oracle/sql-values.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { onEither, type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'
import { type AnyRow, type AnyTable, anyTable } from './any-rows.ts'

const SEEDS = 8
const ROWS = 10
const FIRST_SEED = 20_261_201
const NOW_MS = 1_704_067_200_000
const NOW = microsOf(NOW_MS)

let server: EmbeddedDynamoDb
beforeAll(async () => {
  server = await startEmbeddedDynamoDb()
})
afterAll(() => server.close())

interface Doors extends TemporaryStore {
  readonly view: ViewPlan
}

/** The source contains these rows. */
async function open({ joinKeys, features, rows }: AnyTable, { seed = 1, more = {} } = {}): Promise<Doors> {
  const types = (columns: AnyTable['features']) =>
    Object.fromEntries(columns.map(({ name, type }) => [name, type]))
  const thing = entity({ name: 'thing', joinKeys: types(joinKeys) })
  const source = fileSource({ name: 'source', path: 'source.parquet', eventTimestamp: 'at' })
  const things = featureView({
    name: 'things',
    entities: [thing],
    source,
    features: types(features),
    ...more,
  })
  const definitions = [featureService({ name: 'all', features: [things] })]
  const store = await temporaryStore({ definitions, now: NOW_MS, ...onEither(seed, server) })
  await store.writeSource(
    'source.parquet',
    [...joinKeys, { name: 'at', type: 'timestamp' }, ...features],
    rows.map(row => [...row.keys, NOW, ...row.features]),
  )
  return { ...store, view: viewOf(store.plan, 'things@1') }
}

const shown = (keys: readonly Value[], features: readonly Value[]): string =>
  [...keys, ...features].map(value => text(value)).join(' / ')

/** The rows of the table, as sorted texts. */
async function stored(store: Doors): Promise<readonly string[]> {
  const { relation } = await store.offline.table(store.view)
  const rows = await store.engine.rows(`select * from ${relation} t`)
  return rows
    .map(row =>
      shown(
        store.view.joinKeys.map(({ name }) => row[name] ?? null),
        store.view.features.map(({ name }) => row[name] ?? null),
      ),
    )
    .sort()
}

const recordOf = ({ view }: Doors, { keys, features }: AnyRow): string => {
  const fields = [
    ...view.joinKeys.map(({ name, type }, i) => [name, jsonCodec(type).write(keys[i] ?? null)]),
    ['event_timestamp', jsonCodec('timestamp').write(NOW)],
    ...view.features.map(({ name, type }, i) => [name, jsonCodec(type).write(features[i] ?? null)]),
  ]
  return `{"view":"things","row":{${fields.map(([name, json]) => `"${name}":${json}`).join(',')}}}`
}

const materialize = async (store: Doors) => {
  const run = { views: [store.view.key], ingest: [], from: null, to: NOW.toString() }
  const report = (await aslWorkflow({ tasks: materializationTasks(store) }).run(
    stateMachine(store.plan),
    run,
  )) as RunReport
  return report.views[0]
}

interface Answer {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly { readonly values: readonly JsonValue[] }[]
}

/** The row of a response as texts; null if the request is refused for its key. */
async function served(store: Doors, row: AnyRow): Promise<string | null> {
  const entities = store.view.joinKeys.map(
    ({ name, type }, i) => `"${name}":[${jsonCodec(type).write(row.keys[i] ?? null)}]`,
  )
  const body = `{"feature_service":"all","entities":{${entities.join(',')}}}`
  try {
    const { text: answer } = await onlineFeatures(store)(body)
    const { metadata, results } = parseJson(answer) as unknown as Answer
    const columns = [...store.view.joinKeys, ...store.view.features]
    const values = columns.map(({ name, type }) => {
      const json = results[metadata.feature_names.indexOf(name)]?.values[0] ?? null
      return jsonCodec(type).read(json) ?? null
    })
    return shown(values, [])
  } catch (error) {
    if (error instanceof RequestError && error.code === 'key-too-long') return null
    throw error
  }
}

/**
 * The features of a training set for the keys of these rows at the clock's instant, as texts; null if its spine is
 * refused.
 */
async function trained(store: Doors, rows: readonly AnyRow[]): Promise<readonly string[] | null> {
  const { plan, engine, view } = store
  await store.writeSource(
    'spine.parquet',
    [...view.joinKeys, { name: 'event_timestamp', type: 'timestamp' }],
    rows.map(({ keys }) => [...keys, NOW]),
  )
  const all = plan.services['all']
  if (all === undefined) throw new Error('the plan has no service')
  try {
    const { path } = await buildTrainingSet(store, all, { spine: 'spine.parquet' })
    const made = await engine.rows(`select * from ${engine.files([path], 'parquet')}`)
    const columns = [...view.joinKeys, ...view.features]
    return made.map(row =>
      shown(
        columns.map(({ name }) => row[name] ?? null),
        [],
      ),
    )
  } catch (error) {
    if (error instanceof StoreError && error.code === 'spine-misfit') return null
    throw error
  }
}

describe('a table at the edges of what can be stored', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => FIRST_SEED + i))(
    'is taken or refused alike by ingest, push, materialization and requests (seed %i)',
    async seed => {
      const table = anyTable(random(seed), ROWS)
      await using ingested = await open(table, { seed })
      const good = table.rows.filter(
        ({ keys, features }) => unstorableRow(ingested.view, keys, features) === undefined,
      )
      const expected = good.map(({ keys, features }) => shown(keys, features)).sort()

      // Ingest, then materialization.
      const report = await ingest(ingested, ingested.view, { quarantine: true })
      expect(report.added).toBe(good.length)
      expect(report.quarantined?.rows ?? 0).toBe(table.rows.length - good.length)
      expect(await stored(ingested)).toEqual(expected)
      expect(await materialize(ingested)).toMatchObject({ status: 'materialized', written: good.length })

      // Push, then ingest, then materialization. JSON needs more bytes than the value itself.
      await using pushed = await open({ ...table, rows: [] }, { seed: seed + 1 })
      const { refused, failed } = await pusher({ ...pushed, pushed: folderPushedRows(pushed.objects) })(
        table.rows.map((row, i) => ({ id: String(i), text: recordOf(pushed, row), arrived: NOW })),
      )
      expect(failed).toEqual([])
      const long = new Set(refused.filter(({ reason }) => reason.includes('as JSON')).map(({ id }) => id))
      const taken = table.rows.filter((row, i) => good.includes(row) && !long.has(String(i)))
      expect(refused.map(({ id }) => table.rows[Number(id)])).toEqual(
        table.rows.filter(row => !taken.includes(row)),
      )
      expect(await ingest(pushed, pushed.view)).toMatchObject({ added: taken.length, quarantined: null })
      expect(await stored(pushed)).toEqual(taken.map(({ keys, features }) => shown(keys, features)).sort())
      expect(await materialize(pushed)).toMatchObject({ status: 'materialized', kept: taken.length })

      for (const row of table.rows) {
        const { keys, features } = row
        const none = features.map(() => null)
        const answer = unstorableKey(ingested.view, keys) === undefined ? shown(keys, features) : null
        const empty = answer === null ? null : shown(keys, none)
        expect(await served(ingested, row)).toBe(good.includes(row) ? answer : empty)
        expect(await served(pushed, row)).toBe(taken.includes(row) ? answer : empty)
      }

      // Training set: its spine has keys that can be stored, or it is refused.
      const storable = table.rows.filter(({ keys }) => unstorableKey(ingested.view, keys) === undefined)
      for (const [store, held] of [
        [ingested, good],
        [pushed, taken],
      ] as const) {
        const expected = storable.map(row =>
          shown(row.keys, held.includes(row) ? row.features : row.features.map(() => null)),
        )
        expect(await trained(store, storable)).toEqual(expected)
        if (storable.length < table.rows.length) expect(await trained(store, table.rows)).toBeNull()
      }
    },
    900_000,
  )

  it('has the same size in bytes in the engine and in push', async () => {
    let large = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const table = anyTable(random(seed), ROWS)
      await using store = await open({ ...table, rows: [] })
      const { engine, view } = store
      const column = ({ name, type }: AnyTable['features'][number]) => ({ name, type, value: `"${name}"` })
      const sizes = `select cast(${keySize(engine.dialect, view, view.joinKeys.map(column))} as bigint) as key,
        cast(${itemSize(engine.dialect, view, view.joinKeys.map(column), view.features.map(column))} as bigint) as item`
      const rows = rowsSelect(
        engine.dialect,
        [...table.joinKeys, ...table.features, { name: 'i', type: 'int32' }],
        table.rows.map(({ keys, features }, i) => [...keys, ...features, i]),
      )
      const found = await engine.rows(`${sizes} from (${rows}) t order by i`)
      const measure = itemMeasure(view)
      const own = table.rows.map(({ keys, features }) => {
        const key = unstorableKey(view, keys)?.bytes ?? Buffer.byteLength(itemKey(view, keys).pk)
        return { key: BigInt(key), item: BigInt(measure('', features) + key) }
      })
      expect({ seed, found }).toEqual({ seed, found: own })
      large += own.filter(({ item }) => item > 400n * 1024n).length
    }
    expect(large).toBeGreaterThan(0)
  })
})

describe('a row that cannot be stored', () => {
  const joinKeys = [{ name: 'k', type: 'string' }] as const
  const features = [{ name: 'note', type: 'string' }] as const
  const rows = [
    { keys: ['a'], features: ['short'] },
    { keys: ['x'.repeat(2_040)], features: ['long key'] },
    { keys: ['b'], features: ['y'.repeat(410_000)] },
  ]

  it('fails the batch for its key or size, with the limit, the value and the remedy', async () => {
    await using store = await open({ joinKeys, features, rows })
    await expect(ingest(store, store.view)).rejects.toThrow(
      /entity keys of more than 2048 bytes: 1 rows; rows of more than 409600 bytes as an item of the online store: 1 rows; such as .*: k=x{60} event_timestamp=2024-01-01 00:00:00 \(entity key\); .*k=b .*\(row\); correct them, or set them aside with --quarantine/,
    )
  })

  it('is skipped and counted by a run if an earlier version stored it in the table', async () => {
    await using store = await open({ joinKeys, features, rows })
    await ingest(store, { ...store.view, online: false })
    expect(await materialize(store)).toMatchObject({ status: 'materialized', written: 1, unstorable: 2 })
    expect(await served(store, rows[0] as AnyRow)).toBe(shown(['a'], ['short']))
  })

  it('is reported for a spine with the number, the view, the first row and the remedy', async () => {
    await using store = await open({ joinKeys, features, rows: [] })
    const all = store.plan.services['all']
    if (all === undefined) throw new Error('the plan has no service')
    await store.writeSource(
      'spine.parquet',
      [...joinKeys, { name: 'event_timestamp', type: 'timestamp' }],
      [5, 2_039, 2_040, 9_000].map(length => ['x'.repeat(length), NOW]),
    )
    await expect(buildTrainingSet(store, all, { spine: 'spine.parquet' })).rejects.toThrow(
      /2 rows have an entity key of view things@1 \(k\) of more than 2048 bytes, the first of them row 3; correct them, or leave them out$/,
    )
  })

  it('is stored if the view is not online', async () => {
    await using store = await open({ joinKeys, features, rows }, { more: { online: false } })
    expect(await ingest(store, store.view)).toMatchObject({ added: 3 })
    expect(await trained(store, rows)).toEqual(rows.map(({ keys, features }) => shown(keys, features)))
  })
})
