/** Any value, from a row to the parsed answer, with nothing but a map for a store. */
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Value } from '../../../lib/definition/value-types.ts'
import { encodeItem, type Item, itemKey } from '../../../lib/online/item/item.ts'
import { jsonCodec } from '../../../lib/online/item/json-codec.ts'
import { isObject, type JsonObject, type JsonValue, parseJson } from '../../../lib/online/item/json-value.ts'
import { MAX_ANSWER_BYTES } from '../../../lib/online/serving/request-error.ts'
import type { OnlineStore } from '../../../lib/runtime.ts'
import { onlineFeatures } from '../../../lib/verbs/serve/get-online-features.ts'
import { planOf, service, use, view } from '../../online/plans.ts'
import { any, present, TYPES } from '../../online/values.ts'

/** By name, as a service's join keys stand. */
const KEY_TYPES = ['bool', 'bytes', 'date', 'int32', 'int64', 'string', 'timestamp'] as const

const all = view({
  name: 'all',
  joinKeys: KEY_TYPES.map(type => ({ name: `k_${type}`, type })),
  ttlMs: null,
  of: TYPES.map((type, i) => ({ name: `f${i}`, type })),
})
const plan = planOf([all], [service('all', [use(all, 'all')])])

const storeOf = (items: ReadonlyMap<string, Item>): OnlineStore => ({
  read: async keys => keys.map(({ pk }) => items.get(pk)),
  write: async () => ({ written: 0, kept: 0 }),
  compareAndSet: async () => [],
  watermark: async () => null,
  advance: async () => undefined,
  count: async () => 0,
})

const row = fc.record({ keys: fc.tuple(...KEY_TYPES.map(present)), features: fc.tuple(...TYPES.map(any)) })

const question = (rows: readonly (readonly Value[])[]): string => {
  const columns = all.joinKeys.map(({ name, type }, i) => {
    const { write } = jsonCodec(type)
    return `"${name}":[${rows.map(keys => write(keys[i] ?? null)).join(',')}]`
  })
  return `{"feature_service":"all","entities":{${columns.join(',')}}}`
}

const valuesOf = (text: string): JsonValue[][] => {
  const body: JsonValue = parseJson(text)
  const results = isObject(body) && Array.isArray(body['results']) ? body['results'] : []
  return results
    .filter((result): result is JsonObject => isObject(result))
    .map(({ values }) => (Array.isArray(values) ? values : []))
}

describe('getting online features', () => {
  it('brings join keys and features of every type back exactly, row by row', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 4 }), async rows => {
        // Of equal keys the first row stands.
        const items = new Map(
          rows.toReversed().map(({ keys, features }) => {
            const item = encodeItem(all, {
              keys,
              features,
              eventTimestamp: 0n,
              createdTimestamp: null,
              rowHash: '',
            })
            return [itemKey(all, keys).pk, item] as const
          }),
        )
        const ask = onlineFeatures({ plan, online: storeOf(items), clock: { now: () => 0 } })
        const { text } = await ask(question(rows.map(({ keys }) => keys)))
        const first = ({ keys }: (typeof rows)[number]) =>
          rows.find(other => itemKey(all, other.keys).pk === itemKey(all, keys).pk)
        const [keyCount, read] = [KEY_TYPES.length, valuesOf(text)]
        for (const [i, type] of [...KEY_TYPES, ...TYPES].entries()) {
          const wanted = rows.map(one => (i < keyCount ? one.keys[i] : first(one)?.features[i - keyCount]))
          expect(read[i]?.map(json => jsonCodec(type).read(json))).toStrictEqual(wanted)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('refuses to answer at more length than Lambda can', async () => {
    const wide = view({
      name: 'wide',
      joinKeys: [{ name: 'k', type: 'int32' }],
      ttlMs: null,
      of: [{ name: 'f', type: 'string' }],
    })
    const item = encodeItem(wide, {
      keys: [1],
      eventTimestamp: 0n,
      createdTimestamp: null,
      rowHash: '',
      features: ['x'.repeat(MAX_ANSWER_BYTES / 10)],
    })
    const online = storeOf(new Map([['wide@1|1', item]]))
    const ask = onlineFeatures({
      plan: planOf([wide], [service('wide', [use(wide, 'wide')])]),
      online,
      clock: { now: () => 0 },
    })
    const body = (rows: number) =>
      JSON.stringify({ feature_service: 'wide', entities: { k: new Array(rows).fill(1) } })
    await expect(ask(body(9))).resolves.toMatchObject({ rows: 9 })
    await expect(ask(body(10))).rejects.toMatchObject({ code: 'answer-too-large', status: 413 })
  })
})
