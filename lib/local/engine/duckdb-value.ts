/** Converts DuckDB's values to the values of lib/definition. */
import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { textDecoder } from '@duckdb/node-api/lib/vectors/dataAccessors.js'
import type { Value } from '../../definition/value-types.ts'

const exact = new TextDecoder('utf-8', { ignoreBOM: true })
// DuckDB's own decoder drops U+FEFF at the beginning of each value, as if it were a file's byte order mark.
textDecoder.decode = (bytes?: Parameters<typeof exact.decode>[0]) => exact.decode(bytes)

const MS_A_DAY = 86_400_000

/**
 * Converts a value of a result. Arrays stay arrays (a vector is a list of numbers); a decimal becomes a number. A
 * value of any other type becomes text for display; a label may be an interval, for example.
 */
export function fromDuckDb(value: DuckDBValue): Value {
  if (value === null || typeof value !== 'object') return value
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return value.micros
  if (value instanceof DuckDBDateValue)
    return Math.abs(value.days) > MAX_DAYS ? String(value) : dateText(value.days)
  if (value instanceof DuckDBBlobValue) return value.bytes
  if (value instanceof DuckDBDecimalValue) return value.toDouble()
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    // Elements of a list are scalars: definitions have no nested lists.
    return value.items.map(fromDuckDb) as Value
  }
  return String(value)
}

/** Infinite dates and dates beyond JavaScript's calendar become text. The store holds no such value. */
const MAX_DAYS = 100_000_000

/** Days since 1970 as `YYYY-MM-DD`. */
export const dateText = (days: number): string => new Date(days * MS_A_DAY).toISOString().slice(0, 10)
