/** What is made of some events, and can be put together from what was made of parts of them, in any order. */

import type { ScalarType, Value } from '../../definition/value-types.ts'
import type { AggregationKind } from '../../plan/plan.ts'
import type { JsonValue } from '../item/json-value.ts'
import type { EventPosition } from './event-position.ts'

/** What is asked of a tally. */
export interface FinalizeOptions {
  readonly aggregation: AggregationKind
  /** How many values, of `lastN`. */
  readonly n: number
}

export interface Accumulator {
  /** Takes an event's value, which is not null. */
  readonly update: (value: Value, moment: EventPosition) => void
  /** Takes what another tally has, of events of one day. */
  readonly merge: (state: JsonValue, day: number) => void
  /** What it has: JSON whose numbers are safe; null for nothing. Of events of one day, whose number it leaves out. */
  readonly serialize: () => JsonValue
  readonly finalize: (asked: FinalizeOptions) => Value
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
