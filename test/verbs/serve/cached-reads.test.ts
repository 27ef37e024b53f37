/** Reads from memory, judged by a store that remembers what it held when. */
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Item, ItemKey } from '../../../lib/online/item/item.ts'
import { OnlineStoreError } from '../../../lib/online/item/online-store-error.ts'
import type { OnlineStore, ReadItemsOptions } from '../../../lib/runtime.ts'
import { type CachedReadsProps, cachedReads } from '../../../lib/verbs/serve/cached-reads.ts'
import { planOf, view } from '../../online/plans.ts'

const viewNamed = (name: string, maxStalenessMs: number | null) =>
  view({
    name,
    joinKeys: [{ name: 'k', type: 'string' }],
    ttlMs: null,
    maxStalenessMs,
    of: [{ name: 'value', type: 'string' }],
  })
const ALLOWED_MS = { fresh: 0, short: 50, long: 400 }
const plan = planOf([viewNamed('fresh', null), viewNamed('short', 50), viewNamed('long', 400)], [])

type ViewName = keyof typeof ALLOWED_MS
const keyOf = (name: ViewName, entity: number): ItemKey => ({ pk: `${name}@1|${entity}`, sk: 'row' })
const viewNameOf = ({ pk }: ItemKey): ViewName => pk.slice(0, pk.indexOf('@')) as ViewName

/** What a store held under a key, and since when. */
interface Held {
  readonly since: number
  readonly item: Item | undefined
}

/** A store on a clock of its own that remembers all it held, and every read. */
class RememberingStore {
  now = 0
  /** Of each read, before and after its answer is made. */
  delays: readonly [number, number] = [0, 0]
  /** What is written once a read's answer is made, and before it comes. */
  meanwhile: readonly { readonly key: ItemKey; readonly value: string }[] = []
  readonly reads: { readonly keys: readonly ItemKey[]; readonly options: ReadItemsOptions }[] = []
  readonly #held = new Map<string, Held[]>()

  write(key: ItemKey, value: string): void {
    const item = { pk: { S: key.pk }, sk: { S: key.sk }, value: { S: value } }
    this.#held.set(key.pk, [...this.history(key), { since: this.now, item }])
  }

  history({ pk }: ItemKey): readonly Held[] {
    return this.#held.get(pk) ?? [{ since: Number.NEGATIVE_INFINITY, item: undefined }]
  }

  /** All that the store held at any moment of a span. */
  between(key: ItemKey, from: number, to: number): readonly (Item | undefined)[] {
    const history = this.history(key)
    return history
      .filter(({ since }, i) => since <= to && (history[i + 1]?.since ?? Number.POSITIVE_INFINITY) >= from)
      .map(({ item }) => item)
  }

  get contract(): OnlineStore {
    return {
      read: async (keys, options = {}) => {
        this.reads.push({ keys, options })
        this.now += this.delays[0]
        const items = keys.map(key => this.history(key).at(-1)?.item)
        for (const { key, value } of this.meanwhile) this.write(key, value)
        this.now += this.delays[1]
        return items
      },
      write: async items => ({ written: items.length, kept: 0 }),
      compareAndSet: async () => [],
      watermark: async () => null,
      advance: async () => undefined,
      count: async () => 7,
    }
  }
}

const cached = (store: RememberingStore, more: Partial<CachedReadsProps> = {}): OnlineStore =>
  cachedReads({ online: store.contract, plan, now: () => store.now, ...more })

async function readFrom(online: OnlineStore, keys: readonly ItemKey[], options: ReadItemsOptions = {}) {
  let hits = 0
  const tell: ReadItemsOptions['onEvent'] = (event, count) => {
    expect(event).toBe('cache_hits')
    hits += count
  }
  const items = await online.read(keys, { ...options, onEvent: tell })
  return { items, hits }
}

const name = fc.constantFrom<ViewName>('fresh', 'short', 'long')
const entity = fc.integer({ min: 0, max: 3 })
const key = fc.tuple(name, entity).map(([one, n]) => keyOf(one, n))
const write = fc.record({ key, value: fc.constantFrom('', 'a', 'long '.repeat(100)) })
const step = fc.oneof(
  write.map(one => ({ kind: 'write' as const, ...one })),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 20, 49, 50, 51, 399, 400, 401) }),
  fc.record({
    kind: fc.constant('read' as const),
    keys: fc.array(key, { minLength: 1, maxLength: 12 }),
    delays: fc.tuple(fc.constantFrom(0, 5, 60), fc.constantFrom(0, 5, 60)),
    projected: fc.boolean(),
    meanwhile: fc.array(write, { maxLength: 3 }),
  }),
)

const distinct = (keys: readonly ItemKey[]): number => new Set(keys.map(({ pk }) => pk)).size

describe('generated writes, reads and waits', () => {
  it('are never answered with what the store had ceased to hold before the allowance', async () => {
    let fromMemory = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async steps => {
        const store = new RememberingStore()
        const online = cached(store)
        for (const one of steps) {
          if (one.kind === 'write') store.write(one.key, one.value)
          else if (one.kind === 'wait') store.now += one.ms
          else {
            const asked = store.now
            store.delays = one.delays
            store.meanwhile = one.meanwhile
            const options = one.projected ? { attributes: ['pk', 'sk', 'value'] } : {}
            const { items, hits } = await readFrom(online, one.keys, options)
            fromMemory += hits
            expect(items).toHaveLength(one.keys.length)
            for (const [i, wanted] of one.keys.entries()) {
              const from = asked - ALLOWED_MS[viewNameOf(wanted)]
              expect(store.between(wanted, from, store.now)).toContainEqual(items[i])
            }
          }
        }
      }),
      { seed: 20_131_230, numRuns: 300 },
    )
    expect(fromMemory).toBeGreaterThan(1_000)
  })

  it('never find more in memory than the bounds', async () => {
    const bounds = fc.record({
      maxEntries: fc.integer({ min: 1, max: 6 }),
      maxBytes: fc.integer({ min: 1_000, max: 3_000 }),
    })
    const writesAndReads = fc.array(step, { minLength: 20, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(bounds, writesAndReads, async (limits, steps) => {
        const store = new RememberingStore()
        const online = cached(store, limits)
        for (const one of steps) {
          if (one.kind === 'write') store.write(one.key, one.value)
          if (one.kind !== 'read') continue
          store.reads.length = 0
          const { items } = await readFrom(online, one.keys)
          const missed = new Set(store.reads.flatMap(({ keys }) => keys.map(({ pk }) => pk)))
          const hit = one.keys.filter(({ pk }) => !missed.has(pk))
          const found = new Set(items.filter((_, i) => !missed.has(one.keys[i]?.pk ?? '')))
          expect(distinct(hit)).toBeLessThanOrEqual(limits.maxEntries)
          expect(JSON.stringify([...found]).length).toBeLessThanOrEqual(limits.maxBytes)
        }
      }),
      { seed: 20_131_231, numRuns: 300 },
    )
  })
})

describe('a read', () => {
  const [a, b, fresh] = [keyOf('long', 1), keyOf('long', 2), keyOf('fresh', 1)]
  const asked = (store: RememberingStore) =>
    store.reads.map(({ keys, options }) => [keys.map(({ pk }) => pk), options.attributes])

  it('is answered from memory up to the allowance, counted from when the kept one was asked for', async () => {
    const store = new RememberingStore()
    const online = cached(store)
    store.delays = [100, 100]
    await online.read([a])
    store.write(a, 'later')
    store.now = 400
    expect(await readFrom(online, [a, a])).toStrictEqual({ items: [undefined, undefined], hits: 2 })
    store.now = 401
    expect(await readFrom(online, [a])).toMatchObject({ items: [{ value: { S: 'later' } }], hits: 0 })
  })

  it('asks the store only for what is not in memory', async () => {
    const store = new RememberingStore()
    const online = cached(store)
    await online.read([a])
    await online.read([b, a, fresh])
    expect(asked(store).slice(1)).toStrictEqual([[['long@1|2', 'fresh@1|1'], undefined]])
    store.reads.length = 0
    await online.read([a, b])
    expect(store.reads).toHaveLength(0)
  })

  it('reads whole what is kept, so that it serves whoever asks next, and the rest as it is asked for', async () => {
    const store = new RememberingStore()
    const online = cached(store)
    store.write(a, 'whole')
    const attributes = ['pk', 'sk']
    await online.read([a, fresh], { attributes, withinMs: 5 })
    expect(asked(store)).toStrictEqual([
      [['long@1|1'], undefined],
      [['fresh@1|1'], attributes],
    ])
    expect(store.reads.map(({ options }) => options.withinMs)).toStrictEqual([5, 5])
    expect(await online.read([a])).toMatchObject([{ value: { S: 'whole' } }])
  })

  it('keeps nothing of a read that failed', async () => {
    const store = new RememberingStore()
    let fails = true
    const failing: OnlineStore = {
      ...store.contract,
      read: async (keys, options) => {
        if (fails) throw new OnlineStoreError('not now', { retryable: true, keys: [] })
        return store.contract.read(keys, options)
      },
    }
    const online = cachedReads({ online: failing, plan, now: () => store.now })
    await expect(online.read([a])).rejects.toThrow('not now')
    fails = false
    store.write(a, 'there')
    expect(await readFrom(online, [a])).toMatchObject({ items: [{ value: { S: 'there' } }], hits: 0 })
  })

  it('of a key that is no view’s is always the store’s', async () => {
    const store = new RememberingStore()
    const online = cached(store)
    for (let i = 0; i < 2; i++) await online.read([{ pk: 'ready', sk: 'state' }])
    expect(store.reads).toHaveLength(2)
  })

  it('keeps for less long what may be stale already where it is read', async () => {
    const store = new RememberingStore()
    const stalenessMs = (one: string) => (one === 'long@1' ? 300 : 60)
    const online = cachedReads({ online: { ...store.contract, stalenessMs }, plan, now: () => store.now })
    await online.read([a, keyOf('short', 1)])
    store.now = 100
    expect(await readFrom(online, [a, keyOf('short', 1)])).toMatchObject({ hits: 1 })
    store.now = 101
    expect(await readFrom(online, [a])).toMatchObject({ hits: 0 })
  })
})

it('a plan whose views allow no staleness has the store itself', () => {
  const { contract } = new RememberingStore()
  expect(cachedReads({ online: contract, plan: planOf([viewNamed('fresh', null)], []) })).toBe(contract)
})

it('all but reads go to the store', async () => {
  const online = cached(new RememberingStore())
  expect(await online.count('long@1')).toBe(7)
})
