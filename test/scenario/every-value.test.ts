/**
 * Every value of every type goes the whole way exactly: source → offline → training set, and offline → online → HTTP →
 * JSON; and who reads the item itself with GetItem reads the same.
 */
import { type AttributeValue, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { shapeOf, type Value, type ValueType } from '../../lib/definition/value-types.ts'
import { startHttpFront } from '../../lib/local/http/http-front.ts'
import { itemKey } from '../../lib/online/item/item.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { type JsonValue, parseJson } from '../../lib/online/item/json-value.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { text } from '../oracle/naive.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import {
  anyRows,
  EDGE_ROWS,
  type EveryValueRow,
  type EveryValueStore,
  everyValueStore,
  FEATURES,
  JOIN_KEYS,
  NOW_MS,
  questionOf,
} from '../support/every-value-store.ts'

let server: EmbeddedDynamoDb
beforeAll(async () => {
  server = await startEmbeddedDynamoDb()
})
afterAll(() => server.close())

const texts = (rows: readonly EveryValueRow[]) => rows.map(({ features }) => features.map(text))

/** What comes over HTTP, read by the documented forms: a row of features for each entity row. */
async function served(store: EveryValueStore, rows: readonly EveryValueRow[]): Promise<string[][]> {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const front = await startHttpFront({ handler: getOnlineFeatures(store, { log }) })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${front.url}/get-online-features`, {
    method: 'POST',
    headers,
    body: questionOf(rows),
  })
  const { metadata, results } = parseJson(await answer.text()) as unknown as Answer
  await front.close()
  const columns = [...JOIN_KEYS, ...FEATURES]
  expect(metadata.feature_names).toEqual(columns.map(({ name }) => name))
  const values = columns.map(({ type }, i) =>
    (results[i]?.values ?? []).map(json => text(jsonCodec(type).read(json) ?? null)),
  )
  expect(rows.map(({ keys }) => keys.map(text))).toEqual(
    rows.map((_, row) => JOIN_KEYS.map((_, i) => values[i]?.[row])),
  )
  return rows.map((_, row) => values.slice(JOIN_KEYS.length).map(column => column[row] ?? 'nothing'))
}

interface Answer {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly { readonly values: readonly JsonValue[] }[]
}

/** An attribute read by docs/definitions.md alone, as somebody would who has no quern. */
function plain(type: ValueType, attribute: AttributeValue): Value {
  const { NULL, BOOL, N, S, B, L } = attribute
  if (NULL === true) return null
  const shape = shapeOf(type)
  if (shape.kind === 'vector') return new Float32Array(new Uint8Array(B ?? []).buffer)
  if (shape.kind === 'array') return (L ?? []).map(element => plain(shape.element, element)) as Value
  switch (shape.scalar) {
    case 'bool':
      return BOOL ?? null
    case 'int64':
    case 'timestamp':
      return BigInt(N ?? '')
    case 'int32':
      return Number(N)
    case 'float32':
    case 'float64':
      return Number(N ?? S)
    case 'bytes':
      return B ?? null
    case 'string':
    case 'date':
      return S ?? null
  }
}

/** The same by GetItem. */
const got = (store: EveryValueStore, rows: readonly EveryValueRow[]): Promise<string[][]> =>
  Promise.all(
    rows.map(async ({ keys }) => {
      const { pk, sk } = itemKey(store.view, keys)
      const command = new GetItemCommand({
        TableName: store.dynamo?.table,
        Key: { pk: { S: pk }, sk: { S: sk } },
      })
      const { Item = {} } = (await store.dynamo?.client.send(command)) ?? {}
      return FEATURES.map(({ name, type }) => text(plain(type, Item[name] ?? { S: 'no attribute' })))
    }),
  )

it('keeps the edges of every type exactly, in training sets and in answers', async () => {
  await using store = await everyValueStore(EDGE_ROWS, server)
  const expected = texts(EDGE_ROWS)
  await store.writeSource(
    'spine.parquet',
    [...JOIN_KEYS, { name: 'event_timestamp', type: 'timestamp' }],
    EDGE_ROWS.map(({ keys }) => [...keys, microsOf(NOW_MS)]),
  )
  const service = store.plan.services['everything']
  if (service === undefined) throw new Error('the plan has no service')
  const { path } = await buildTrainingSet(store, service, { spine: 'spine.parquet' })
  const trained = await store.engine.rows(`select * from ${store.engine.files([path], 'parquet')}`)
  expect(trained.map(row => FEATURES.map(({ name }) => text(row[name] ?? null)))).toEqual(expected)
  expect(await served(store, EDGE_ROWS)).toEqual(expected)
  expect(await got(store, EDGE_ROWS)).toEqual(expected)
})

it('keeps any values exactly, over HTTP and by GetItem', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, async rows => {
      await using store = await everyValueStore(rows, server)
      expect(await served(store, rows)).toEqual(texts(rows))
      expect(await got(store, rows)).toEqual(texts(rows))
    }),
    { numRuns: 5, endOnFailure: true },
  )
})
