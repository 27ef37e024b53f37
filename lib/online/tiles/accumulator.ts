/** The state of one aggregation over some events. States of disjoint sets of events can be merged in any order. */

import type { ScalarType, Value } from '../../definition/value-types.ts'
import type { AggregationKind } from '../../plan/plan.ts'
import type { JsonValue } from '../item/json-value.ts'
import type { EventPosition } from './event-position.ts'

/** What the caller wants from the state. */
export interface FinalizeOptions {
  readonly aggregation: AggregationKind
  /** The number of values that `lastN` returns. */
  readonly n: number
}

export interface Accumulator {
  /** Adds the value of one event. The value is not null. */
  readonly update: (value: Value, moment: EventPosition) => void
  /** Merges a serialized state of events of one day. */
  readonly merge: (state: JsonValue, day: number) => void
  /**
   * The state as JSON whose numbers are safe integers or floats; null if it is empty. All events must be of one day,
   * whose number is not in the JSON.
   */
  readonly serialize: () => JsonValue
  readonly finalize: (asked: FinalizeOptions) => Value
}

/** Converts a value to JSON without loss of precision, and back. */
export interface StateCodec {
  readonly write: (value: Value) => JsonValue
  readonly read: (json: JsonValue) => Value
}

const DIGITS: StateCodec = {
  write: value => String(value),
  read: json => BigInt(String(json)),
}

// A state holds values of the type of the column. Texts, booleans and safe numbers are valid JSON as they are.
const ITSELF: StateCodec = {
  write: value => value as JsonValue,
  read: json => json as Value,
}

export const stateCodec = (type: ScalarType): StateCodec =>
  type === 'int64' || type === 'timestamp' ? DIGITS : ITSELF

export const isFloat = (type: ScalarType): boolean => type === 'float32' || type === 'float64'

/** The value that an aggregation sees. A number that is not finite counts as null, and -0 becomes 0. */
export function cleaned(value: Value | undefined): Value {
  if (typeof value !== 'number') return value ?? null
  return Number.isFinite(value) ? value + 0 : null
}
