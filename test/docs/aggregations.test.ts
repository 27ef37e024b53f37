/** What docs/aggregations.md says that events and requests cost is what they cost. */
import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { identityOf } from '../../lib/online/item/entity-key.ts'
import { type Item, type ItemKey, itemKey, keyOfItem } from '../../lib/online/item/item.ts'
import type { TileEvent } from '../../lib/online/tiles/event.ts'
import { itemBytes } from '../../lib/online/tiles/item-size.ts'
import { sortsOf, tileReader } from '../../lib/online/tiles/tile-reader.ts'
import { type ViewPlan, viewOf } from '../../lib/plan/plan.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { applyToTiles } from '../../lib/verbs/tiles/apply-events.ts'
import { WINDOWS } from '../cost/aggregate-stores.ts'

const VIEWS = { '1 h, 6 h, 1 d, 7 d': 'week@1', '1 h, 1 d, 7 d, 90 d': 'season@1' } as const

const DAY = 86_400_000_000n
/** Days before the one that is measured, and that one's beginning. */
const BEFORE = 95
/** The eighth and the twenty-fourth day of a segment of 32, between which its size is on average. */
const DAYS = [1_709_769_600_000_000n, 1_711_152_000_000_000n] as const
/** Events of a day that are measured, evenly among the others. */
const MEASURED = 50

/** A store that counts units as DynamoDB does: 4 KB for each consistent read, 1 KB for each write. */
function countingStore() {
  const items = new Map<string, Item>()
  const units = { read: 0, written: 0 }
  const get = (key: ItemKey): Item | undefined => items.get(identityOf(key))
  const online: Pick<OnlineStore, 'read' | 'compareAndSet'> = {
    read: async keys => {
      for (const key of keys) units.read += readUnits(get(key))
      return keys.map(get)
    },
    compareAndSet: async swaps => {
      for (const { item } of swaps) {
        units.written += Math.ceil(itemBytes(item) / 1_024)
        items.set(identityOf(keyOfItem(item)), item)
      }
      return swaps.map(() => true)
    },
  }
  return { online, get, units }
}

const readUnits = (item: Item | undefined): number =>
  item === undefined ? 1 : Math.ceil(itemBytes(item) / 4_096)

let flights = 0
/** Evenly over a day. */
const eventsOf = (today: bigint, day: number, count: number): readonly TileEvent[] =>
  Array.from({ length: count }, (_, i) => {
    const flight = ++flights
    return {
      keys: ['AA'],
      eventTimestamp: today + BigInt(day) * DAY + (DAY * BigInt(i)) / BigInt(count) + 1n,
      id: `${String(flight).length}:${flight}`,
      values: {
        carrier: 'AA',
        flight: BigInt(flight),
        delay: ((flight * 7_919) % 3_000) / 10 - 20,
        origin: `A${(flight * 31) % 60}`,
      },
    }
  })

async function measuredOn(today: bigint, view: ViewPlan, perDay: number): Promise<readonly number[]> {
  flights = 0
  const { online, get, units } = countingStore()
  for (let day = -BEFORE; day < 0; day++)
    await applyToTiles({ online }, view, eventsOf(today, day, perDay), today + BigInt(day + 1) * DAY)
  const reader = tileReader(view, new Set(view.features.map(({ name }) => name)))
  const { pk } = itemKey(view, ['AA'])
  const totals = [0, 0, 0, 0]
  const events = eventsOf(today, 0, perDay)
  const step = Math.ceil(perDay / MEASURED)
  let times = 0
  for (let i = step - 1; i < perDay; i += step) {
    const [event] = events.slice(i, i + 1)
    if (event === undefined) break
    await applyToTiles({ online }, view, events.slice(i - step + 1, i), event.eventTimestamp)
    Object.assign(units, { read: 0, written: 0 })
    await applyToTiles({ online }, view, [event], event.eventTimestamp)
    const sorts = sortsOf(reader.reads(Number(event.eventTimestamp / 1_000n) + 1))
    const served = sorts.reduce((sum, sk) => sum + readUnits(get({ pk, sk })) / 2, 0)
    for (const [n, value] of [units.written, units.read, sorts.length, served].entries())
      totals[n] = (totals[n] ?? 0) + value
    times++
  }
  return totals.map(total => total / times)
}

async function measured(view: ViewPlan, perDay: number): Promise<readonly string[]> {
  const early = await measuredOn(DAYS[0], view, perDay)
  const late = await measuredOn(DAYS[1], view, perDay)
  return early.map((value, i) => ((value + (late[i] ?? 0)) / 2).toFixed(1))
}

it('the table of what an event and a request cost is what was measured', async () => {
  const rows: string[] = []
  for (const [windows, key] of Object.entries(VIEWS))
    for (const perDay of [1, 24, 200, 1_000]) {
      const [written, read, items, served] = await measured(viewOf(WINDOWS, key), perDay)
      rows.push(
        `| ${windows} | ${perDay.toLocaleString('en')} | ${written} | ${read} | ${items} | ${served} |`,
      )
    }
  const text = readFileSync(new URL('../../docs/aggregations.md', import.meta.url), 'utf8')
  const table = text.split('\n').filter(line => /^\| 1 h, /.test(line))
  expect(table).toEqual(rows)
})
