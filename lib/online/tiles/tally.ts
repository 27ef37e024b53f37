/** What is made of some events, and can be put together from what was made of parts of them, in any order. */
import type { AggregationKind } from '../../compiler/plan.ts'
import type { ScalarType, Value } from '../../definition/value-types.ts'
import type { JsonValue } from '../json-value.ts'
import type { Moment } from './moment.ts'

/** What is asked of a tally. */
export interface Asked {
  readonly aggregation: AggregationKind
  /** How many values, of `lastN`. */
  readonly n: number
}

export interface Tally {
  /** Takes an event's value, which is not null. */
  readonly add: (value: Value, moment: Moment) => void
  /** Takes what another tally has, of events of one day. */
  readonly absorb: (state: JsonValue, day: number) => void
  /** What it has: JSON whose numbers are safe; null for nothing. Of events of one day, whose number it leaves out. */
  readonly state: () => JsonValue
  readonly value: (asked: Asked) => Value
}

/** A value's form in JSON whose numbers are safe. */
export interface StateCodec {
  readonly write: (value: Value) => JsonValue
  readonly read: (json: JsonValue) => Value
}

const DIGITS: StateCodec = {
  write: value => String(value),
  read: json => BigInt(String(json)),
}

// What a tally has is of the column's own type: texts, booleans and safe numbers are their own JSON.
const ITSELF: StateCodec = {
  write: value => value as JsonValue,
  read: json => json as Value,
}

export const stateCodec = (type: ScalarType): StateCodec =>
  type === 'int64' || type === 'timestamp' ? DIGITS : ITSELF

export const isFloat = (type: ScalarType): boolean => type === 'float32' || type === 'float64'

/** What an event's value counts as: what is no number is none, and -0 is 0. */
export function cleaned(value: Value | undefined): Value {
  if (typeof value !== 'number') return value ?? null
  return Number.isFinite(value) ? value + 0 : null
}
