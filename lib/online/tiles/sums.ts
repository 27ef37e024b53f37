/** Accumulators of counts and exact sums, with means and standard deviations. */
import type { ScalarType, Value } from '../../definition/value-types.ts'
import type { JsonValue } from '../item/json-value.ts'
import { type Accumulator, isFloat } from './accumulator.ts'
import { exactSum, inInt64, sumAsFloat, sumJson, sumOfJson } from './exact-sum.ts'

export function counts(): Accumulator {
  let n = 0
  return {
    update: () => {
      n++
    },
    merge: state => {
      n += Number(state)
    },
    serialize: () => (n === 0 ? null : n),
    finalize: () => BigInt(n),
  }
}

/**
 * Floats are summed as integers in units of 1e-12. Each value is rounded once, so that the order of events does not
 * matter.
 */
const UNIT = 1e12
const [MAX_SUMMED, MAX_SQUARED] = [1e16, 1e8]
const MAX_SQUARED_INT64 = 10n ** 14n

const rounded = (value: number): number => Math.floor(value * UNIT + 0.5)

const unitOf = (type: ScalarType): number => (isFloat(type) ? UNIT : 1)

/** The integer that a value adds; undefined if the value is out of range. */
function summandOf(type: ScalarType): (value: Value) => number | bigint | undefined {
  if (isFloat(type))
    return value => (Math.abs(Number(value)) <= MAX_SUMMED ? rounded(Number(value)) : undefined)
  return value => (typeof value === 'bigint' ? value : Number(value))
}

/** The parts of a serialized state. */
const listOf = (state: JsonValue): readonly JsonValue[] => (Array.isArray(state) ? state : [])

export const sums = (type: ScalarType) => (): Accumulator => {
  const summand = summandOf(type)
  const sum = exactSum()
  let n = 0
  const add = (count: number, value: number | bigint): void => {
    n += count
    sum.add(value)
  }
  return {
    update: value => {
      const q = summand(value)
      if (q !== undefined) add(1, q)
    },
    merge: state => {
      const [count, total] = listOf(state)
      add(Number(count), sumOfJson(total))
    },
    serialize: () => (n === 0 ? null : [n, sumJson(sum.total())]),
    finalize: ({ aggregation }) => {
      if (n === 0) return null
      const total = sum.total()
      if (aggregation === 'mean') {
        const whole = sumAsFloat(total, unitOf(type))
        return whole === null ? null : whole / n
      }
      if (isFloat(type)) return sumAsFloat(total, UNIT)
      return inInt64(total) ? total : null
    },
  }
}

type Squared = readonly [value: number | bigint, square: number | bigint]

function squaredOf(type: ScalarType): (value: Value) => Squared | undefined {
  if (isFloat(type))
    return value => {
      const x = Number(value)
      return Math.abs(x) <= MAX_SQUARED ? [rounded(x), rounded(x * x)] : undefined
    }
  return value => {
    const x = BigInt(value as bigint | number)
    const inRange = type === 'int32' || (x >= -MAX_SQUARED_INT64 && x <= MAX_SQUARED_INT64)
    return inRange ? [x, x * x] : undefined
  }
}

export const squares = (type: ScalarType) => (): Accumulator => {
  const squared = squaredOf(type)
  const [sum, ofSquares] = [exactSum(), exactSum()]
  let n = 0
  const add = (count: number, value: number | bigint, square: number | bigint): void => {
    n += count
    sum.add(value)
    ofSquares.add(square)
  }
  return {
    update: value => {
      const q = squared(value)
      if (q !== undefined) add(1, ...q)
    },
    merge: state => {
      const [count, total, square] = listOf(state)
      add(Number(count), sumOfJson(total), sumOfJson(square))
    },
    serialize: () => (n === 0 ? null : [n, sumJson(sum.total()), sumJson(ofSquares.total())]),
    finalize: () =>
      deviation(n, sumAsFloat(sum.total(), unitOf(type)), sumAsFloat(ofSquares.total(), unitOf(type))),
  }
}

function deviation(n: number, sum: number | null, ofSquares: number | null): number | null {
  if (n < 2 || sum === null || ofSquares === null) return null
  const variance = (ofSquares - (sum * sum) / n) / (n - 1)
  return Math.sqrt(variance < 0 ? 0 : variance)
}
