/**
 * The oracle of windows: loops over raw events, without SQL, tiles or running sums, and without
 * lib/semantics/window.ts. It shares only the plan's types with the code that it checks.
 */
import { createHash } from 'node:crypto'
import type { Value } from '../../lib/definition/value-types.ts'
import type { ViewPlan, WindowPlan } from '../../lib/plan/plan.ts'
import type { Looking } from './naive.ts'

export interface NaiveEvent {
  readonly keys: Readonly<Record<string, Value>>
  readonly event: bigint
  readonly created: bigint | null
  /** The event id, which is unique for a key and instant. */
  readonly id: string
  /** Join keys and columns by name. */
  readonly values: Readonly<Record<string, Value>>
}

/** True if the filter of a window includes an event. */
export type Takes = (window: WindowPlan, event: NaiveEvent) => boolean

const YEAR_1 = -62_135_596_800_000_000n

/** True if `e` is in the window at `t`. It finds the tile by counting from year 1. */
function isIn(e: bigint, t: bigint, { windowMs, tileMs }: WindowPlan): boolean {
  const tile = BigInt(tileMs) * 1000n
  const begin = t - BigInt(windowMs) * 1000n - YEAR_1
  let tiles = begin / tile
  if (tiles * tile > begin) tiles -= 1n
  return e <= t && e >= tiles * tile + YEAR_1
}

/** The aggregated value: a value that is not finite becomes null, and -0 becomes 0. */
function usable(value: Value | undefined): Value {
  if (value === undefined || value === null) return null
  if (typeof value !== 'number') return value
  return Number.isFinite(value) ? value + 0 : null
}

/** A feature of an aggregate view at `t`, over all events of the entity. Duplicates count once. */
export function naiveWindow(
  view: ViewPlan,
  window: WindowPlan,
  events: readonly NaiveEvent[],
  t: bigint,
  { asOf, asKnown }: Looking,
  takes: Takes,
): Value {
  const seen = new Map<string, NaiveEvent>()
  for (const event of events) {
    const { created } = event
    if (asOf !== null && created !== null && created > asOf) continue
    if (asKnown && created !== null && created > t) continue
    const identity = `${event.event} ${event.id}`
    if (isIn(event.event, t, window) && !seen.has(identity)) seen.set(identity, event)
  }
  const held = [...seen.values()].filter(event => takes(window, event))
  held.sort((a, b) => {
    if (a.event !== b.event) return a.event < b.event ? -1 : 1
    return Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
  })
  const type = [...view.joinKeys, ...(view.aggregates?.columns ?? [])].find(
    c => c.name === window.column,
  )?.type
  if (window.column === null) return BigInt(held.length)
  const column = window.column
  const values = held.map(event => usable(event.values[column])).filter(value => value !== null)
  return made(window, values, type === 'float32' || type === 'float64', type === 'int64')
}

function made(window: WindowPlan, values: readonly Value[], isFloat: boolean, isLong: boolean): Value {
  switch (window.aggregation) {
    case 'count':
      return BigInt(values.length)
    case 'sum':
      return sumOf(values, isFloat)
    case 'mean': {
      const numbers = inRange(values, isFloat, 1e16)
      if (numbers.length === 0) return null
      const total = floatOf(total1(numbers, isFloat), isFloat)
      return total === null ? null : total / numbers.length
    }
    case 'stddev':
      return deviation(values, isFloat, isLong)
    case 'min':
    case 'max':
      return extreme(values, window.aggregation === 'min')
    case 'first':
      return values[0] ?? null
    case 'last':
      return values.at(-1) ?? null
    case 'lastN':
      return values.length === 0 ? null : (values.slice(-window.n).reverse() as Value)
    default:
      return different(values)
  }
}

const inRange = (values: readonly Value[], isFloat: boolean, limit: number): readonly Value[] =>
  isFloat ? values.filter(value => Math.abs(Number(value)) <= limit) : values

/** In units of 1e-12 if the column is a float. */
const whole = (value: Value, isFloat: boolean): bigint =>
  isFloat ? BigInt(Math.floor(Number(value) * 1e12 + 0.5)) : BigInt(value as number | bigint)

const total1 = (values: readonly Value[], isFloat: boolean): bigint =>
  values.reduce<bigint>((sum, value) => sum + whole(value, isFloat), 0n)

function floatOf(sum: bigint, isFloat: boolean): number | null {
  const part = 2n ** 53n
  const low = ((sum % part) + part) % part
  const high = (sum - low) / part
  if (BigInt.asIntN(64, high) !== high) return null
  const value = Number(high) * 9_007_199_254_740_992 + Number(low)
  return isFloat ? value / 1e12 : value
}

function sumOf(values: readonly Value[], isFloat: boolean): Value {
  const numbers = inRange(values, isFloat, 1e16)
  if (numbers.length === 0) return null
  const sum = total1(numbers, isFloat)
  if (isFloat) return floatOf(sum, true)
  return BigInt.asIntN(64, sum) === sum ? sum : null
}

function deviation(values: readonly Value[], isFloat: boolean, isLong: boolean): number | null {
  const numbers = isLong
    ? values.filter(v => (v as bigint) <= 10n ** 14n && (v as bigint) >= -(10n ** 14n))
    : inRange(values, isFloat, 1e8)
  const n = numbers.length
  if (n < 2) return null
  const square = (value: Value): bigint => {
    const x = Number(value)
    return isFloat ? BigInt(Math.floor(x * x * 1e12 + 0.5)) : BigInt(value as number) ** 2n
  }
  const s1 = floatOf(total1(numbers, isFloat), isFloat)
  const s2 = floatOf(
    numbers.reduce<bigint>((sum, value) => sum + square(value), 0n),
    isFloat,
  )
  if (s1 === null || s2 === null) return null
  const variance = (s2 - (s1 * s1) / n) / (n - 1)
  return Math.sqrt(variance < 0 ? 0 : variance)
}

function extreme(values: readonly Value[], isMin: boolean): Value {
  let best: Value = null
  for (const value of values)
    if (best === null || (value !== null && (isMin ? value < best : value > best))) best = value
  return best
}

function different(values: readonly Value[]): bigint {
  const registers = new Map<number, number>()
  for (const value of values) {
    const hash = createHash('md5').update(String(value)).digest('hex')
    const register = Math.floor(Number.parseInt(hash.slice(0, 3), 16) / 4)
    const bits = BigInt(`0x${hash.slice(3, 13)}`)
      .toString(2)
      .padStart(40, '0')
    const rank = bits.indexOf('1') < 0 ? 41 : bits.indexOf('1') + 1
    registers.set(register, Math.max(rank, registers.get(register) ?? 0))
  }
  let sum = 1024 - registers.size
  for (const rank of registers.values()) sum += 2 ** -rank
  const raw = ((0.7213 / (1 + 1.079 / 1024)) * 1024 * 1024) / sum
  const empty = 1024 - registers.size
  const estimate = raw <= 2560 && empty > 0 ? 1024 * Math.log(1024 / empty) : raw
  return BigInt(Math.floor(estimate + 0.5))
}
