/**
 * The rules of lib/storable/row-bytes.ts in SQL: finds the rows that the online store cannot hold. Push uses the same
 * measures.
 */

import { type ScalarType, shapeOf, type ValueType } from '../../definition/value-types.ts'
import type { Column, ViewPlan } from '../../plan/plan.ts'
import { type Dialect, quote } from '../../sql/dialect.ts'
import { ESCAPED, eventMeasure, NULL_JSON_BYTES, UNICODE } from '../../storable/event-bytes.ts'
import {
  ATTRIBUTE_BYTES,
  ELEMENT_BYTES,
  fixedBytes,
  itemBytes,
  keyBytes,
  LIST_BYTES,
  MAX_ITEM_BYTES,
  MAX_KEY_BYTES,
  NULL_BYTES,
} from '../../storable/row-bytes.ts'
import { EVENT_ID } from '../table.ts'

/** A column, and SQL for its value. */
export interface ColumnValue extends Column {
  readonly value: string
}

/** Names of the reasons why a valid row cannot be stored. */
export const LONG_KEY = 'quern_key'
export const LARGE_ROW = 'quern_row'
export const LARGE_EVENT = 'quern_event_size'

/** Text lengths, as lib/online/item/entity-key.ts writes them. */
const BOOL_BYTES = 5
const DATE_BYTES = 10
const INSTANT_BYTES = 27

/** Bytes of a join key's text. */
function keyTextBytes(dialect: Dialect, { type, value }: ColumnValue): string {
  switch (type) {
    case 'string':
      return dialect.bytes(`replace(replace(${value}, '%', '%25'), '|', '%7C')`)
    case 'bytes': {
      // Base64 has four characters for every three bytes, rounded up.
      const padded = `(${dialect.byteLength(value)} + 2)`
      return `(${padded} - ${padded} % 3) / 3 * 4`
    }
    case 'int32':
    case 'int64':
      return `length(cast(${value} as varchar))`
    case 'bool':
      return `case when ${value} then ${BOOL_BYTES - 1} else ${BOOL_BYTES} end`
    case 'date':
      return String(DATE_BYTES)
    default:
      return String(INSTANT_BYTES)
  }
}

const scalarBytes = (dialect: Dialect, type: ScalarType, value: string): string => {
  const fixed = ATTRIBUTE_BYTES[type]
  if (fixed !== null) return String(fixed)
  const bytes = type === 'string' ? dialect.bytes(value) : dialect.byteLength(value)
  return `coalesce(${bytes}, ${NULL_BYTES})`
}

/** Bytes of a value whose type has no fixed size. */
function valueBytes(dialect: Dialect, type: ValueType, value: string): string {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return scalarBytes(dialect, shape.scalar, value)
  if (shape.kind === 'vector') return String(NULL_BYTES)
  const { element } = shape
  const fixed = ATTRIBUTE_BYTES[element]
  const elements =
    fixed === null
      ? dialect.listSum(
          dialect.mapList(value, 'e', `${ELEMENT_BYTES} + ${scalarBytes(dialect, element, 'e')}`),
        )
      : `${ELEMENT_BYTES + fixed} * ${dialect.listLength(value)}`
  return `case when ${value} is null then ${NULL_BYTES} else ${LIST_BYTES} + ${elements} end`
}

const sum = (parts: readonly (string | number)[]): string => parts.join(' + ')

/** Bytes of an item's partition key. */
export const keySize = (dialect: Dialect, view: ViewPlan, keys: readonly ColumnValue[]): string =>
  sum([keyBytes(view), ...keys.map(key => keyTextBytes(dialect, key))])

/** Bytes of a plain view's item. */
export const itemSize = (
  dialect: Dialect,
  view: ViewPlan,
  keys: readonly ColumnValue[],
  features: readonly ColumnValue[],
): string =>
  sum([
    itemBytes(view),
    keySize(dialect, view, keys),
    ...features
      .filter(({ type }) => fixedBytes(type) === null)
      .map(({ type, value }) => valueBytes(dialect, type, value)),
  ])

/** Bytes of a text in JSON, and of null. */
const jsonBytes = (dialect: Dialect, text: string): string =>
  `coalesce(2 + ${dialect.bytes(text)} + ${dialect.countOf(text, ESCAPED)} + 5 * ${dialect.countOf(text, UNICODE)}, ${NULL_JSON_BYTES})`

/** Bytes of an event of an aggregate view, see lib/storable/event-bytes.ts. Null if no event can be too large. */
export function eventSize(
  dialect: Dialect,
  { aggregates, ...view }: ViewPlan,
  columns: readonly ColumnValue[],
): { readonly bytes: string; readonly limit: number } | null {
  if (aggregates === null) return null
  const { fixed, ids, texts, isBounded, limit } = eventMeasure({ ...view, aggregates })
  if (isBounded) return null
  const sqlOf = (name: string): string => columns.find(column => column.name === name)?.value ?? quote(name)
  const measured = [...texts, ...(ids === 0 ? [] : [[EVENT_ID, ids] as const])].map(
    ([name, times]) => `${times} * ${jsonBytes(dialect, sqlOf(name))}`,
  )
  return { bytes: sum([fixed, ...measured]), limit }
}

/**
 * Conditions by name under which a valid row cannot be stored. A null key fails none of them, because such a row is
 * never visible.
 */
export function unstorable(
  dialect: Dialect,
  view: ViewPlan,
  columns: readonly ColumnValue[],
): readonly { readonly name: string; readonly fails: string }[] {
  if (!view.online) return []
  const named = (names: readonly Column[]): readonly ColumnValue[] =>
    names.flatMap(({ name }) => columns.find(column => column.name === name) ?? [])
  const keys = named(view.joinKeys)
  const long = { name: LONG_KEY, fails: `${keySize(dialect, view, keys)} > ${MAX_KEY_BYTES}` }
  if (view.aggregates !== null) {
    const event = eventSize(dialect, view, columns)
    return event === null ? [long] : [long, { name: LARGE_EVENT, fails: `${event.bytes} > ${event.limit}` }]
  }
  const size = itemSize(dialect, view, keys, named(view.features))
  return [long, { name: LARGE_ROW, fails: `${size} > ${MAX_ITEM_BYTES}` }]
}
