/** Random events of aggregate views near the tile limits: all aggregations, with texts and ids near the limit. */
import {
  aggregateView,
  approxDistinct,
  count,
  days,
  entity,
  fileSource,
  first,
  hours,
  last,
  lastN,
  max,
  mean,
  min,
  stddev,
  streamSource,
  sum,
} from '../../lib/definition/index.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { eventIdOf } from '../../lib/online/item/event-id.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import type { Random } from '../oracle/random.ts'

export const NOW_MS = Date.parse('2110-03-01T12:00:00Z')
export const AT = microsOf(NOW_MS) - 600_000_000n

export const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const COLUMNS = {
  shop: 'string',
  id: 'string',
  note: 'string',
  other: 'string',
  amount: 'float64',
  big: 'int64',
  at: 'timestamp',
} as const
const { at: _, ...schema } = COLUMNS
export const COLUMN_LIST = Object.entries(COLUMNS).map(([name, type]) => ({ name, type }))
const logged = fileSource({ name: 'logged', path: 'logged.parquet', eventTimestamp: 'at', columns: COLUMNS })
export const sales = streamSource({
  name: 'sales',
  schema,
  eventTimestamp: 'at',
  eventId: ['id'],
  history: { source: logged },
})

const ALL = [
  count(),
  count('note', { as: 'notes' }),
  sum('amount'),
  sum('big', { as: 'bigs' }),
  mean('big', { as: 'mean_big' }),
  stddev('amount'),
  stddev('big', { as: 'dev_big' }),
  min('amount'),
  max('big'),
  approxDistinct('note'),
  first('note'),
  last('note'),
  lastN('note', 3),
  last('other'),
  first('big', { as: 'first_big' }),
] as const
const TEXTS = [first('note', { as: 'told' }), lastN('other', 2, { as: 'others' })] as const

export const viewFor = (chance: Random) =>
  aggregateView({
    name: 'totals',
    entities: [shop],
    source: sales,
    aggregations: [...ALL.filter(() => chance.chance(0.5)), chance.pick(TEXTS)],
    windows: chance.chance(0.5) ? [hours(1)] : [hours(1), days(3)],
  })

const FILLERS = ['a', 'é', '漢', '😀', '\n', '\u0001', '"', '\\', '\u2028', '\u007f']

function textNear(chance: Random, bytes: number): string {
  const filler = chance.pick(FILLERS)
  const length = Buffer.byteLength(JSON.stringify(filler)) - 2
  return filler.repeat(Math.max(0, Math.floor(bytes / length)))
}

export type Sale = Readonly<Record<keyof typeof COLUMNS, Value>>

export function anySale(chance: Random, limit: number, i: number): Sale {
  const large = () => textNear(chance, limit / chance.pick([1, 2, 3]) + chance.below(600) - 400)
  return {
    shop: `s${i}`,
    id: chance.chance(0.2) ? large() : `id${i}`,
    note: chance.pick([null, '', 'x', large()]),
    other: chance.pick([null, 'y', large()]),
    amount: chance.pick([null, -1e16, 1e8, -1.234567890123456e-7, Number.NaN, Infinity, 5]),
    big: chance.pick([null, -(2n ** 63n), 2n ** 63n - 1n, 99_999_999_999_999n]),
    at: AT,
  }
}

export const eventOf = (sale: Sale) => ({
  keys: [sale.shop],
  eventTimestamp: AT,
  id: eventIdOf([sale.id]),
  values: sale,
})

/** In the order of the stream's columns. */
export const rowOf = (sale: Sale): readonly Value[] => COLUMN_LIST.map(({ name }) => sale[name as keyof Sale])
