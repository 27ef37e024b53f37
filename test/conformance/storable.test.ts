/** Keys and rows are measured on Trino to the same byte as in push, at the edges of what can be stored. */
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { compile } from '../../lib/compiler/compile.ts'
import { viewOf } from '../../lib/compiler/plan.ts'
import { entity, featureView, fileSource } from '../../lib/definition/index.ts'
import { itemSize, keySize } from '../../lib/offline/storable-rows.ts'
import { itemKey } from '../../lib/online/item.ts'
import { unstorableKey } from '../../lib/online/storable-row.ts'
import { itemMeasure } from '../../lib/storable/row-bytes.ts'
import { random } from '../oracle/random.ts'
import { rowsSelect } from '../oracle/sql-values.ts'
import { type AnyTable, anyTable } from '../storable/any-rows.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

let world: AwsWorld
beforeAll(() => {
  world = awsWorld()
})
afterAll(() => world.close())

const types = (columns: AnyTable['features']) =>
  Object.fromEntries(columns.map(({ name, type }) => [name, type]))

it.each([20_261_201, 20_261_202, 20_261_203, 20_261_204])('a row is measured alike (seed %i)', async seed => {
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
})
