/** Every value of every type goes the whole way exactly: source → offline → training set, offline → online → JSON. */
import { expect, it } from '@jest/globals'
import { materializationTasks } from '../../lambdas/materialization.ts'
import { type Column, viewOf } from '../../lib/compiler/plan.ts'
import {
  array,
  entity,
  featureService,
  featureView,
  fileSource,
  type ValueType,
  vector,
} from '../../lib/definition/index.ts'
import type { ScalarType, Value } from '../../lib/definition/value-types.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import { jsonCodec } from '../../lib/online/json-codec.ts'
import { parseJson } from '../../lib/online/json-value.ts'
import { microsOf } from '../../lib/point-in-time.ts'
import { onlineFeatures } from '../../lib/verbs/get-online-features.ts'
import { ingest } from '../../lib/verbs/ingest.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set.ts'
import { EDGE_VALUES } from '../oracle/generate.ts'
import { text } from '../oracle/naive.ts'
import { temporaryStore } from '../temporary-store.ts'

const NOW = 1_704_067_200_000
const SCALARS = Object.keys(EDGE_VALUES) as ScalarType[]
const ROWS = 12

/** A feature of each scalar type, of an array of each, and a vector. */
const features: Readonly<Record<string, ValueType>> = Object.fromEntries<ValueType>([
  ...SCALARS.map(type => [`a_${type}`, type] as const),
  ...SCALARS.map(type => [`list_of_${type}`, array(type)] as const),
  ['embedding', vector(3)],
])

/** Row by row through the edge values, null among them; lists hold all of them and a null. */
function edgeValue(name: string, row: number): Value {
  if (name === 'embedding') return row === 0 ? null : Float32Array.from([row, -0, Math.fround(0.1)])
  const list = name.startsWith('list_of_')
  const edges = EDGE_VALUES[name.replace(/^(a|list_of)_/, '') as ScalarType]
  // All rows of a column hold values of its type: the type is that of the feature's name.
  if (list) return (row === 0 ? null : row === 1 ? [] : [...edges, null]) as Value
  return row < edges.length ? (edges[row] ?? null) : null
}

it('keeps every value exactly, in training sets and in answers', async () => {
  const thing = entity({ name: 'thing', joinKeys: { thing: 'int64' } })
  const source = fileSource({ name: 'things', path: 'things.parquet', eventTimestamp: 'at' })
  const view = featureView({ name: 'values', entities: [thing], source, features })
  const definitions = [featureService({ name: 'everything', features: [view] })]
  await using store = await temporaryStore({ definitions, now: NOW })
  const key = (row: number): bigint => 9_007_199_254_740_993n + BigInt(row)
  const names = Object.keys(features).sort()
  const columns: Column[] = [
    { name: 'thing', type: 'int64' },
    { name: 'at', type: 'timestamp' },
    ...names.map(name => ({ name, type: features[name] ?? 'string' })),
  ]
  const rows = Array.from({ length: ROWS }, (_, row) => names.map(name => edgeValue(name, row)))
  const expected = rows.map(row => row.map(text))
  await store.writeSource(
    'things.parquet',
    columns,
    rows.map((row, i) => [key(i), microsOf(NOW), ...row]),
  )
  await ingest(store, viewOf(store.plan, 'values@1'))

  const spine = 'spine.parquet'
  await store.writeSource(
    spine,
    [
      { name: 'thing', type: 'int64' },
      { name: 'event_timestamp', type: 'timestamp' },
    ],
    rows.map((_, i) => [key(i), microsOf(NOW)]),
  )
  const service = store.plan.services['everything']
  if (service === undefined) throw new Error('the plan has no service')
  const { path } = await buildTrainingSet(store, service, { spine })
  const trained = await store.engine.rows(`select * from ${store.engine.files([path], 'parquet')}`)
  expect(trained.map(row => names.map(name => text(row[name] ?? null)))).toEqual(expected)

  const run = { views: ['values@1'], from: null, to: microsOf(NOW).toString() }
  await aslWorkflow({ tasks: materializationTasks(store) }).run(stateMachine(store.plan), run)
  const body = `{"feature_service":"everything","entities":{"thing":[${rows.map((_, i) => key(i)).join(',')}]}}`
  const { text: answer } = await onlineFeatures(store)(body)
  const { metadata, results } = parseJson(answer) as unknown as Answer
  expect(metadata.feature_names).toEqual(['thing', ...names])
  const served = rows.map((_, row) =>
    names.map((name, f) =>
      text(jsonCodec(features[name] ?? 'string').read(results[f + 1]?.values[row] as never) ?? null),
    ),
  )
  expect(served).toEqual(expected)
  expect(results[0]?.values).toEqual(rows.map((_, i) => key(i)))
})

interface Answer {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly { readonly values: readonly unknown[] }[]
}
