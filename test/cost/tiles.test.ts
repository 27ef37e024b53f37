/** Compares the assumptions of the estimate about tiles with the writes of the verb and the reads of a request. */
import { describe, expect, it } from '@jest/globals'
import { typical } from '../../lib/cost/row-bytes.ts'
import { tileSizes } from '../../lib/cost/tile-sizes.ts'
import { bytesKept, type TileLoad, tileRead, tileWrite } from '../../lib/cost/tiles.ts'
import { typicalEvents } from '../../lib/cost/typical-events.ts'
import { identityOf } from '../../lib/online/item/entity-key.ts'
import { type Item, type ItemKey, itemKey, keyOfItem } from '../../lib/online/item/item.ts'
import { instantOf, startOfDay } from '../../lib/online/tiles/event-position.ts'
import { itemBytes } from '../../lib/online/tiles/item-size.ts'
import { sortsOf, tileReader } from '../../lib/online/tiles/tile-reader.ts'
import { type ViewPlan, viewOf } from '../../lib/plan/plan.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { applyToTiles } from '../../lib/verbs/tiles/apply-events.ts'
import { WINDOWS } from './aggregate-stores.ts'

/** The first day of a coarse tile. */
const FIRST = 32 * 23_120
/** Days until the windows are full. */
const BEFORE = 96
const SEGMENT = 32

/** A store that counts units as DynamoDB does. */
function countingStore() {
  const items = new Map<string, Item>()
  const units = { items: 0, writeUnits: 0, readUnits: 0 }
  const get = (key: ItemKey): Item | undefined => items.get(identityOf(key))
  const online: Pick<OnlineStore, 'read' | 'compareAndSet'> = {
    read: async keys => {
      for (const key of keys) units.readUnits += readUnits(get(key))
      return keys.map(get)
    },
    compareAndSet: async swaps => {
      for (const { item } of swaps) {
        units.items += 1
        units.writeUnits += Math.ceil(itemBytes(item) / 1_024)
        items.set(identityOf(keyOfItem(item)), item)
      }
      return swaps.map(() => true)
    },
  }
  /** Bytes of the items that have not expired, with DynamoDB's overhead. */
  const bytes = (seconds: bigint): number =>
    [...items.values()]
      .filter(({ expires_at }) => BigInt(expires_at?.N ?? 0) > seconds)
      .reduce((sum, item) => sum + itemBytes(item) + 100, 0)
  return { online, get, units, bytes }
}

const readUnits = (item: Item | undefined): number =>
  item === undefined ? 1 : Math.ceil(itemBytes(item) / 4_096)

/** Hours at a quarter of a day before and after each push. */
const HOURS = [3, 9, 15, 21, 24]
const HOUR_MICROS = 3_600_000_000n

const mean = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0) / all.length

/**
 * Measures an entity with this number of events on every n-th day. Each event of the coarse tile's days is pushed
 * alone, with requests in between.
 */
async function measured(view: ViewPlan, perDay: number, everyDays: number) {
  const { aggregates } = view
  if (aggregates === null) throw new Error('it has windows')
  const store = countingStore()
  const keys = view.joinKeys.map(({ type }) => typical(type))
  const { pk } = itemKey(view, keys)
  const reader = tileReader(view, allOf(view))
  const read: Record<'items' | 'units', number[]> = { items: [], units: [] }
  const kept: number[] = []
  let events = 0
  for (let day = FIRST - BEFORE; day < FIRST + SEGMENT; day++) {
    const told = (day % everyDays === 0 ? typicalEvents(view, aggregates, day, perDay) : []).map(event => ({
      keys,
      eventTimestamp: instantOf(event),
      id: event.id,
      values: event.values,
    }))
    if (day < FIRST) {
      await applyToTiles(store, view, told, startOfDay(day + 1))
      Object.assign(store.units, { items: 0, writeUnits: 0, readUnits: 0 })
      continue
    }
    let done = 0
    for (const hour of HOURS) {
      const until = startOfDay(day) + BigInt(hour) * HOUR_MICROS
      const due = told.slice(done).filter(({ eventTimestamp }) => eventTimestamp < until)
      for (const event of due) await applyToTiles(store, view, [event], event.eventTimestamp)
      done += due.length
      if (hour === 24) continue
      kept.push(store.bytes(until / 1_000_000n))
      const sorts = sortsOf(reader.reads(Number(until / 1_000n)))
      read.items.push(sorts.length)
      read.units.push(sorts.reduce((sum, sk) => sum + readUnits(store.get({ pk, sk })) / 2, 0))
    }
    events += done
  }
  const { items, writeUnits, readUnits: readBefore } = store.units
  return {
    write: { items: items / events, writeUnits: writeUnits / events, readUnits: readBefore / events },
    read: { items: mean(read.items), units: mean(read.units) },
    kept: mean(kept),
  }
}

const allOf = (view: ViewPlan): ReadonlySet<string> => new Set(view.features.map(({ name }) => name))

const loadOf = (perDay: number, everyDays: number): TileLoad => ({
  active: 1 / everyDays,
  perDay,
  share: 1 / everyDays,
})

/** The figures of the estimate, within a twentieth. */
const near = (figures: object) =>
  Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [name, within(Number(figure), Number(figure) / 20)]),
  )

const within = (figure: number, by: number) => expect.closeTo(figure, -Math.log10(2 * by))

describe('the estimated reads, writes and storage of tiles match the code', () => {
  it.each([
    ['hours@1', 24, 1],
    ['week@1', 1, 1],
    ['week@1', 1, 4],
    ['week@1', 24, 1],
    ['week@1', 60, 1],
    ['season@1', 1, 1],
    ['season@1', 1, 8],
    ['season@1', 24, 1],
  ] as const)(
    '%s, %i events on every day of %i',
    async (key, perDay, everyDays) => {
      const view = viewOf(WINDOWS, key)
      const load = loadOf(perDay, everyDays)
      const { write, read, kept } = await measured(view, perDay, everyDays)
      expect(write).toEqual(near(tileWrite(view, load)))
      expect(read).toEqual(near(tileRead(view, allOf(view), load)))
      expect({ kept }).toEqual(near({ kept: bytesKept(view, load, 1) }))
    },
    900_000,
  )
})

it('the estimate limits the events of a day to those that fit', () => {
  const view = viewOf(WINDOWS, 'week@1')
  expect(tileSizes(view, 39_000).day).toBe(400 * 1_024)
  expect(tileSizes(view, 1e9)).toBe(tileSizes(view, 40_000))
})
