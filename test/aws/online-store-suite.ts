/** The test suite that every online store must pass. */
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Value } from '../../lib/definition/value-types.ts'
import { attributeCodec } from '../../lib/online/item/attribute.ts'
import { encodeItem, type Item, itemKey, keyOfItem, rowOrderOf } from '../../lib/online/item/item.ts'
import type { OnlineStore, RemovableOnlineStore } from '../../lib/runtime.ts'
import { view, weather } from '../online/plans.ts'
import { any, TYPES } from '../online/values.ts'

export const itemOf = (
  airport: string,
  eventTimestamp: bigint,
  more: { created?: bigint | null; hash?: string; humid?: bigint } = {},
) =>
  encodeItem(weather, {
    keys: [airport],
    eventTimestamp,
    createdTimestamp: more.created ?? null,
    rowHash: more.hash ?? '0000000000000000',
    features: [more.humid ?? 1n, null],
  })

const EVERY_FORM: Item = {
  pk: { S: 'weather@1|large' },
  sk: { S: 'row' },
  row_order: { S: '1' },
  event_timestamp: { N: '-1704067200000001' },
  created_timestamp: { NULL: true },
  list: { L: [{ N: '100' }, { S: 'e' }, { NULL: true }] },
  real: { N: '0.00125' },
  flag: { BOOL: true },
}
/** Size of {@link EVERY_FORM}, names and values, by the rules of DynamoDB's developer guide. */
const EVERY_FORM_BYTES =
  2 + 15 + (2 + 3) + (9 + 1) + (15 + 10) + (17 + 1) + (4 + 3 + 1 + 2 + 1 + 1 + 1 + 1) + (4 + 3) + (4 + 1)

/** An item with a given size in bytes, as DynamoDB counts them. */
const sized = (bytes: number): Item => ({
  ...EVERY_FORM,
  long: { B: Buffer.alloc(bytes - EVERY_FORM_BYTES - 4, 7).toString('base64') },
})

export interface SuiteProps {
  readonly store: () => OnlineStore
  /** The same items, written by another process. */
  readonly another: () => OnlineStore
}

/** Tests of a store that is open while they run. */
export function itIsAnOnlineStore({ store, another }: SuiteProps): void {
  it('reads written items in the order of the keys, including equal keys', async () => {
    const [a, b] = [itemOf('order-a', 1n), itemOf('order-b', 1n)]
    expect(await store().write([a, b])).toStrictEqual({ written: 2, kept: 0 })
    const keys = ['order-b', 'none', 'order-a', 'order-b'].map(airport => itemKey(weather, [airport]))
    expect(await store().read(keys)).toStrictEqual([b, undefined, a, b])
  })

  it('reads more keys than fit in one request', async () => {
    const airports = Array.from({ length: 250 }, (_, i) => `many-${i}`)
    await store().write(airports.map(airport => itemOf(airport, 1n)))
    const items = await store().read(airports.map(airport => itemKey(weather, [airport])))
    expect(items.map(one => one?.['pk']?.S)).toStrictEqual(airports.map(airport => `weather@1|${airport}`))
  })

  it('replaces an item only if the expected version matches', async () => {
    const [a, b] = ['a', 'b'].map(name => ({ pk: { S: `swapped@1|${name}` }, sk: { S: 'tiles|1' } }))
    const versioned = (key: typeof a, version: number) =>
      ({ ...key, version: { N: String(version) } }) as Item
    const put = (key: typeof a, version: number, expectedVersion: bigint | null) => ({
      item: versioned(key, version),
      expectedVersion,
    })
    expect(await store().compareAndSet([put(a, 1, null), put(b, 5, null)])).toStrictEqual([true, true])
    expect(await another().compareAndSet([put(a, 7, null), put(b, 6, 5n)])).toStrictEqual([false, true])
    expect(await store().compareAndSet([put(a, 2, 1n), put(b, 9, 5n)])).toStrictEqual([true, false])
    const keys = ['a', 'b'].map(name => ({ pk: `swapped@1|${name}`, sk: 'tiles|1' }))
    expect(await store().read(keys, { consistent: true })).toStrictEqual([versioned(a, 2), versioned(b, 6)])
    expect(await store().compareAndSet([])).toStrictEqual([])
  })

  it('reads and writes nothing for an empty request', async () => {
    expect(await store().read([])).toStrictEqual([])
    expect(await store().write([])).toStrictEqual({ written: 0, kept: 0 })
  })

  it.each([
    ['an older event timestamp', itemOf('x', 5n), itemOf('x', 4n), 'kept'],
    ['a newer event timestamp', itemOf('x', 5n), itemOf('x', 6n), 'written'],
    ['the same row', itemOf('x', 5n), itemOf('x', 5n), 'kept'],
    [
      'an older created timestamp on a tie',
      itemOf('x', 5n, { created: 9n }),
      itemOf('x', 5n, { created: 8n }),
      'kept',
    ],
    [
      'a created timestamp where none was known',
      itemOf('x', 5n),
      itemOf('x', 5n, { created: 0n }),
      'written',
    ],
    ['an instant before 1970', itemOf('x', -5n), itemOf('x', -6n), 'kept'],
  ] as const)('decides by precedence: %s', async (name, first, second, outcome) => {
    const own = (one: typeof first) => ({ ...one, pk: { S: `weather@1|decides ${name}` } })
    await store().write([own(first)])
    expect(await store().write([own(second)])).toMatchObject({ [outcome]: 1 })
  })

  it('ends with the newest row for any order, batches and writers', async () => {
    const row = fc.record({
      event: fc.bigInt(0n, 3n),
      created: fc.option(fc.bigInt(0n, 2n)),
      hash: fc.constantFrom('a', 'b'),
    })
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(row, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        async batches => {
          const airport = `greatest-${++run}`
          const items = batches.map(batch => batch.map(one => itemOf(airport, one.event, one)))
          await Promise.all(items.map((batch, i) => (i % 2 === 0 ? store : another)().write(batch)))
          const greatest = items.flat().map(rowOrderOf).sort().at(-1)
          const [found] = await store().read([itemKey(weather, [airport])])
          expect(found?.['row_order']?.S).toBe(greatest)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('counts only the stored item as written when one call has equal keys', async () => {
    const report = await store().write([itemOf('same', 1n), itemOf('same', 3n), itemOf('same', 2n)])
    expect(report).toStrictEqual({ written: 1, kept: 2 })
  })

  it.each([
    ['an item over 400 KB', sized(409_601), 'large'],
    [
      'a partition key over 2,048 bytes',
      { ...itemOf('x', 1n), pk: { S: `weather@1|${'x'.repeat(2_040)}` } },
      'xxx',
    ],
    ['a sort key over 1,024 bytes', { ...itemOf('sort', 1n), sk: { S: 's'.repeat(1_025) } }, 'sort'],
    ['an empty sort key', { ...itemOf('sort', 1n), sk: { S: '' } }, 'sort'],
  ] as const)('refuses %s by its key, and writes the others', async (name, refused, key) => {
    const other = itemOf(`beside ${name}`, 1n)
    await expect(store().write([refused, other])).rejects.toMatchObject({
      name: 'OnlineStoreError',
      retryable: false,
      keys: [expect.stringContaining(key)],
    })
    expect(await store().read([keyOfItem(other)], { consistent: true })).toStrictEqual([other])
    const swap = { item: { ...refused, version: { N: '1' } }, expectedVersion: null }
    await expect(store().compareAndSet([swap])).rejects.toMatchObject({
      name: 'OnlineStoreError',
      retryable: false,
    })
  })

  it('accepts an item of 400 KB, counting every name and value', async () => {
    expect(await store().write([sized(409_600)])).toStrictEqual({ written: 1, kept: 0 })
  })

  it('counts only the items of the given view', async () => {
    const one = { ...weather, name: 'counted', key: 'counted@1' }
    const rows = Array.from({ length: 30 }, (_, i) => ({
      keys: [`${i}`],
      eventTimestamp: 0n,
      createdTimestamp: null,
      rowHash: '',
      features: [],
    }))
    await store().write([
      ...rows.map(row => encodeItem(one, row)),
      ...rows.map(row => encodeItem({ ...one, key: 'counted@10' }, row)),
    ])
    await store().advance('counted@1', { table: 't', sequence: 1, to: 0n })
    expect(await store().count('counted@1')).toBe(30)
  })

  it('advances a watermark and never decreases either coordinate', async () => {
    expect(await store().watermark('weather@1')).toBeNull()
    const moves = [
      { sequence: 2, to: 5n },
      { sequence: 1, to: 9n },
      { sequence: 3, to: 4n },
      { sequence: 2, to: 5n },
    ]
    for (const move of moves) await store().advance('weather@1', { table: 't', ...move })
    expect(await store().watermark('weather@1')).toStrictEqual({ table: 't', sequence: 2, to: 5n })
    await store().advance('weather@1', { table: 't', sequence: 2, to: 253_402_300_799_999_999n })
    expect(await store().watermark('weather@1')).toStrictEqual({
      table: 't',
      sequence: 2,
      to: 253_402_300_799_999_999n,
    })
    await store().advance('weather@1', { table: 'made anew', sequence: 1, to: 0n })
    expect(await store().watermark('weather@1')).toStrictEqual({ table: 'made anew', sequence: 1, to: 0n })
  })

  it.each([
    ['few', 4],
    ['more than an expression can name', 2_000],
  ])('returns the requested attributes, including reserved words of DynamoDB: %s', async (_name, count) => {
    const words = ['name', 'status', 'size', ...Array.from({ length: count }, (_, i) => `f${i}`)]
    const of = words.map(name => ({ name, type: 'int32' as const }))
    const worded = view({
      name: `worded_${count}`,
      joinKeys: [{ name: 'k', type: 'int64' }],
      ttlMs: null,
      of,
    })
    const row = {
      keys: [1n],
      eventTimestamp: 7n,
      createdTimestamp: null,
      rowHash: '',
      features: words.map((_, i) => i),
    }
    await store().write([encodeItem(worded, row)])
    const attributes = ['pk', 'sk', ...words.slice(0, count)]
    const [read = {}] = await store().read([itemKey(worded, [1n])], { attributes })
    expect(read).toMatchObject({ name: { N: '0' }, status: { N: '1' }, size: { N: '2' } })
    if (count === 4) expect(Object.keys(read).sort()).toStrictEqual(attributes.sort())
  })

  it('returns every value of every type exactly', async () => {
    const all = view({
      name: 'all',
      joinKeys: [{ name: 'k', type: 'int64' }],
      ttlMs: null,
      of: TYPES.map((type, i) => ({ name: `f${i}`, type })),
    })
    const codecs = TYPES.map(type => attributeCodec(type))
    let run = 0n
    const values = fc.array(fc.tuple(...TYPES.map(any)), { minLength: 20, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(values, async rows => {
        const keyed = rows.map((features: Value[]) => ({
          keys: [++run],
          eventTimestamp: 0n,
          createdTimestamp: null,
          rowHash: '',
          features,
        }))
        await store().write(keyed.map(row => encodeItem(all, row)))
        const items = await store().read(keyed.map(row => itemKey(all, row.keys)))
        const read = items.map(found => codecs.map(({ decode }, i) => plain(decode(found?.[`f${i}`]))))
        expect(read).toStrictEqual(rows.map(row => row.map(plain)))
      }),
      { numRuns: 15 },
    )
  })
}

/** Tests of a store that can remove views. */
export function itRemovesViews(store: () => RemovableOnlineStore): void {
  it("removes a view's items and watermark, and nothing of other views", async () => {
    const one = { ...weather, key: 'gone@1' }
    const item = (of: typeof weather, i: number) =>
      encodeItem(of, {
        keys: [`${i}`],
        eventTimestamp: 0n,
        createdTimestamp: null,
        rowHash: '',
        features: [],
      })
    const rows = Array.from({ length: 40 }, (_, i) => i)
    await store().write(rows.flatMap(i => [item(one, i), item({ ...one, key: 'gone@10' }, i)]))
    const mark = { table: 't', sequence: 1, to: 0n }
    await store().advance('gone@1', mark)
    await store().advance('gone@10', mark)
    expect(await store().remove('gone@1')).toBe(40)
    expect(await store().remove('gone@1')).toBe(0)
    expect([await store().count('gone@1'), await store().count('gone@10')]).toEqual([0, 40])
    expect([await store().watermark('gone@1'), await store().watermark('gone@10')]).toEqual([null, mark])
  })
}

/** The SDK may return bytes as a Buffer; only their content matters. */
const plain = (value: Value): unknown => {
  if (value instanceof Float32Array) return [...value]
  if (ArrayBuffer.isView(value)) return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]
  return Array.isArray(value) ? value.map(plain) : value
}
