/** The size limits of keys and rows are the same on Trino as in push, to the byte. */
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { compile } from '../../lib/compiler/compile.ts'
import { entity, featureView, fileSource } from '../../lib/definition/index.ts'
import { eventSize, itemSize, keySize } from '../../lib/offline/ingest/storable-rows.ts'
import { itemKey } from '../../lib/online/item/item.ts'
import { unstorableKey } from '../../lib/online/item/storable-row.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { eventBytes, eventMeasure } from '../../lib/storable/event-bytes.ts'
import { itemMeasure } from '../../lib/storable/row-bytes.ts'
import { random } from '../oracle/random.ts'
import { rowsSelect } from '../oracle/sql-values.ts'
import { anySale, COLUMN_LIST, eventOf, rowOf, viewFor } from '../storable/any-events.ts'
import { type AnyTable, anyTable } from '../storable/any-rows.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

let world: AwsWorld
beforeAll(() => {
  world = awsWorld()
})
afterAll(() => world.close())

const types = (columns: AnyTable['features']) =>
  Object.fromEntries(columns.map(({ name, type }) => [name, type]))

it.each([20_261_201, 20_261_202, 20_261_203, 20_261_204])(
  'Trino and push agree on sizes (seed %i)',
  async seed => {
    // A query of Athena has 256 KB: limits are tried on DuckDB, by the same SQL.
    const { joinKeys, features, rows } = anyTable(random(seed), 6, 4_000)
    const thing = entity({ name: 'thing', joinKeys: types(joinKeys) })
    const source = fileSource({ name: 'source', path: 'source.parquet', eventTimestamp: 'at' })
    const things = featureView({ name: 'things', entities: [thing], source, features: types(features) })
    const view = viewOf(compile([things]), 'things@1')
    const { engine } = world
    const column = ({ name, type }: AnyTable['features'][number]) => ({ name, type, value: `"${name}"` })
    const keys = view.joinKeys.map(column)
    const relation = rowsSelect(
      engine.dialect,
      [...joinKeys, ...features, { name: 'i', type: 'int32' }],
      rows.map((row, i) => [...row.keys, ...row.features, i]),
    )
    const found = await engine.rows(
      `select cast(${keySize(engine.dialect, view, keys)} as bigint) as key,
      cast(${itemSize(engine.dialect, view, keys, view.features.map(column))} as bigint) as item
     from (${relation}) t order by i`,
    )
    const measure = itemMeasure(view)
    expect(found).toEqual(
      rows.map(row => {
        const key = unstorableKey(view, row.keys)?.bytes ?? Buffer.byteLength(itemKey(view, row.keys).pk)
        return { key: BigInt(key), item: BigInt(measure('', row.features) + key) }
      }),
    )
  },
)

it.each([20_261_240, 20_261_241, 20_261_242, 20_261_243])(
  'an event is measured alike (seed %i)',
  async seed => {
    const chance = random(seed)
    const view = viewOf(compile([viewFor(chance)]), 'totals@1')
    const { aggregates } = view
    if (aggregates === null) throw new Error('no windows')
    const { engine } = world
    const sales = chance.times(12, i => anySale(chance, 2_000, i))
    const columns = [
      ...COLUMN_LIST,
      { name: 'quern_event', type: 'string' },
      { name: 'i', type: 'int32' },
    ] as const
    const relation = rowsSelect(
      engine.dialect,
      columns,
      sales.map((sale, i) => [...rowOf(sale), eventOf(sale).id, i]),
    )
    const size = eventSize(engine.dialect, view, [])
    const found = await engine.rows(
      `select cast(${size?.bytes} as bigint) as bytes from (${relation}) t order by i`,
    )
    const measure = eventMeasure({ ...view, aggregates })
    expect(found.map(({ bytes }) => bytes)).toEqual(
      sales.map(sale => BigInt(eventBytes(measure, eventOf(sale).id, sale))),
    )
  },
)
