/** A store with a feature of every value type and a join key of every allowed type, for tests that values are preserved. */
import fc from 'fast-check'
import { materializationTasks } from '../../lambdas/materialization.ts'
import { array, entity, featureService, featureView, fileSource, vector } from '../../lib/definition/index.ts'
import {
  SCALARS,
  type ScalarType,
  shapeOf,
  type Value,
  type ValueType,
} from '../../lib/definition/value-types.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { type Column, type ViewPlan, viewOf } from '../../lib/plan/plan.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { EDGE_VALUES } from '../oracle/generate.ts'
import { text } from '../oracle/naive.ts'
import type { EmbeddedDynamoDb } from './embedded-dynamodb.ts'
import { type TemporaryStore, temporaryStore } from './temporary-store.ts'

const TYPES = Object.keys(SCALARS) as ScalarType[]
const byName = (columns: Column[]): readonly Column[] => columns.sort((a, b) => (a.name < b.name ? -1 : 1))

export const JOIN_KEYS: readonly Column[] = byName(
  TYPES.filter(type => SCALARS[type].joinKey).map(type => ({ name: `key_${type}`, type })),
)
export const FEATURES: readonly Column[] = byName([
  ...TYPES.map(type => ({ name: `a_${type}`, type })),
  ...TYPES.map(type => ({ name: `list_of_${type}`, type: array(type) })),
  { name: 'embedding', type: vector(3) },
])

export interface EveryValueRow {
  /** Values in the order of {@link JOIN_KEYS}. */
  readonly keys: readonly Value[]
  /** Values in the order of {@link FEATURES}. */
  readonly features: readonly Value[]
}

const FIRST_MICROS = -62_135_596_800_000_000n
const LAST_MICROS = 253_402_300_799_999_999n
const days = { min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }

const ANY: Readonly<Record<ScalarType, fc.Arbitrary<Value>>> = {
  bool: fc.boolean(),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float32: fc.float(),
  float64: fc.double(),
  // Includes characters that keys escape.
  string: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('|', 'a|b', '%', '%7C')),
  bytes: fc.uint8Array(),
  timestamp: fc.bigInt({ min: FIRST_MICROS, max: LAST_MICROS }),
  date: fc.date(days).map(day => day.toISOString().slice(0, 10)),
}

/** Generates edge cases of a type as often as other values. */
const anyScalar = (type: ScalarType) => fc.oneof(fc.constantFrom(...EDGE_VALUES[type]), ANY[type])

function anyValue(type: ValueType): fc.Arbitrary<Value> {
  const shape = shapeOf(type)
  switch (shape.kind) {
    case 'scalar':
      return anyScalar(shape.scalar)
    case 'array':
      // All elements have the element type of the array.
      return fc.array(fc.option(anyScalar(shape.element)), { maxLength: 5 }) as fc.Arbitrary<Value>
    case 'vector':
      return fc.float32Array({ minLength: shape.length, maxLength: shape.length })
  }
}

const anyRow: fc.Arbitrary<EveryValueRow> = fc.record({
  keys: fc.tuple(...JOIN_KEYS.map(({ type }) => anyValue(type))),
  features: fc.tuple(...FEATURES.map(({ type }) => fc.option(anyValue(type), { freq: 8 }))),
})

/** Rows of different entities. */
export const anyRows = fc.uniqueArray(anyRow, {
  minLength: 1,
  maxLength: 40,
  selector: ({ keys }) => keys.map(text).join(),
})

/** Rows that cycle through the edge cases of every type, with null; lists contain all edge cases and a null. */
function edgeValue(type: ValueType, row: number): Value {
  const shape = shapeOf(type)
  switch (shape.kind) {
    case 'scalar':
      return EDGE_VALUES[shape.scalar][row] ?? null
    case 'array':
      // As above.
      return (row === 0 ? null : row === 1 ? [] : [...EDGE_VALUES[shape.element], null]) as Value
    case 'vector':
      return row === 0 ? null : Float32Array.from([row, -0, Math.fround(0.1)])
  }
}

const edgeKey = (type: ValueType, row: number): Value => {
  const edges = EDGE_VALUES[type as ScalarType]
  return type === 'int64' ? 9_007_199_254_740_993n + BigInt(row) : (edges[row % edges.length] ?? null)
}

export const EDGE_ROWS: readonly EveryValueRow[] = Array.from({ length: 12 }, (_, row) => ({
  keys: JOIN_KEYS.map(({ type }) => edgeKey(type, row)),
  features: FEATURES.map(({ type }) => edgeValue(type, row)),
}))

export const NOW_MS = 1_704_067_200_000

export interface EveryValueStore extends TemporaryStore {
  readonly view: ViewPlan
}

/** Ingests the rows, all valid at {@link NOW_MS}, and materializes them. The service is `everything`. */
export async function everyValueStore(
  rows: readonly EveryValueRow[],
  server?: EmbeddedDynamoDb,
): Promise<EveryValueStore> {
  const types = (columns: readonly Column[]) =>
    Object.fromEntries(columns.map(({ name, type }) => [name, type]))
  const thing = entity({ name: 'thing', joinKeys: types(JOIN_KEYS) })
  const source = fileSource({ name: 'things', path: 'things.parquet', eventTimestamp: 'at' })
  const values = featureView({ name: 'values', entities: [thing], source, features: types(FEATURES) })
  const definitions = [featureService({ name: 'everything', features: [values] })]
  const store = await temporaryStore({
    definitions,
    now: NOW_MS,
    ...(server === undefined ? {} : { server }),
  })
  const view = viewOf(store.plan, 'values@1')
  await store.writeSource(
    'things.parquet',
    [...JOIN_KEYS, { name: 'at', type: 'timestamp' }, ...FEATURES],
    rows.map(({ keys, features }) => [...keys, microsOf(NOW_MS), ...features]),
  )
  await ingest(store, view)
  const run = { views: [view.key], ingest: [], from: null, to: microsOf(NOW_MS).toString() }
  await aslWorkflow({ tasks: materializationTasks(store) }).run(stateMachine(store.plan), run)
  return { ...store, view }
}

/** Request for the features of these rows, as JSON text. */
export function questionOf(rows: readonly EveryValueRow[]): string {
  const columns = JOIN_KEYS.map(
    ({ name, type }, i) =>
      `"${name}":[${rows.map(({ keys }) => jsonCodec(type).write(keys[i] ?? null)).join(',')}]`,
  )
  return `{"feature_service":"everything","entities":{${columns.join(',')}}}`
}
