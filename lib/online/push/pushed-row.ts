/**
 * A pushed row as JSON, and its line for the offline store:
 *
 * `{"view": "name" | "name@version", "row": {join key: value, …, "event_timestamp": "2013-01-01T00:00:00Z", feature:
 * value | null, …}}`
 *
 * Values have the forms of responses (see json-codec.ts). A row replaces the whole earlier row, so it must have every
 * feature; nulls replace values, too. Its created timestamp is its arrival.
 */

import type { Value } from '../../definition/value-types.ts'
import type { Plan, ViewPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { nearestName } from '../../text/nearest-name.ts'
import type { ViewRow } from '../item/item.ts'
import { jsonCodec } from '../item/json-codec.ts'
import { isObject, type JsonObject, type JsonValue, kindOf } from '../item/json-value.ts'
import { PushError } from './push-error.ts'
import { streamOf } from './pushed-event.ts'
import {
  contentOf,
  fieldsOf,
  lineOf,
  pushedHash,
  refuseLargeRow,
  storableLine,
  type WrittenColumn,
} from './pushed-line.ts'

export interface PushedRow {
  readonly view: ViewPlan
  readonly row: ViewRow
  /** The key of the view. */
  readonly key: string
  /** The fields of the row as JSON, in written form. */
  readonly json: string
  /** The line as one JSON object: the key, the arrival and the row hash, then the values of the row. */
  readonly line: string
}

interface PushedColumn extends WrittenColumn {
  readonly nullable: boolean
}

const EVENT = 'event_timestamp'

const columnsOf = (view: ViewPlan): readonly PushedColumn[] =>
  [
    ...view.joinKeys.map(key => ({ ...key, nullable: false })),
    { name: EVENT, type: 'timestamp' as const, nullable: false },
    ...view.features.map(({ name, type }) => ({ name, type, nullable: true })),
  ].map(column => ({ ...column, codec: jsonCodec(column.type) }))

/**
 * Returns the reader of a plan's pushed rows. It reads parsed records. `arrived` is the instant at which the store
 * received the row.
 */
export function pushedRowReader(plan: Plan): (record: JsonObject, arrived: Micros) => PushedRow {
  const views = Object.values(plan.views).filter(({ online }) => online)
  const columns = new Map(views.map(view => [view, columnsOf(view)] as const))
  return (record, arrived) => {
    const view = viewNamed(views, record['view'])
    if (streamOf(plan, view) !== null || view.aggregates !== null)
      throw new PushError('of-events', { subject: view.key })
    const fields = record['row']
    if (!isObject(fields))
      throw new PushError('bad-field', { subject: 'row', got: kindOf(fields), allowed: ['an object'] })
    return rowOf(view, columns.get(view) ?? [], { fields, arrived })
  }
}

/** Finds a view by key, or the newest version by name. */
function viewNamed(views: readonly ViewPlan[], name: JsonValue | undefined): ViewPlan {
  const [view] = views
    .filter(({ key, name: own }) => name === key || name === own)
    .sort((a, b) => b.version - a.version)
  if (view !== undefined) return view
  const allowed = views.map(({ key }) => key)
  const meant = typeof name === 'string' ? nearestName(name, allowed) : undefined
  const hint = meant === undefined ? {} : { allowed: [meant] }
  throw new PushError('unknown-view', { subject: 'view', got: kindOf(name), ...hint })
}

interface Arrival {
  readonly fields: JsonObject
  readonly arrived: Micros
}

function rowOf(view: ViewPlan, columns: readonly PushedColumn[], { fields, arrived }: Arrival): PushedRow {
  const names = columns.map(({ name }) => name)
  const unknown = Object.keys(fields).find(name => !names.includes(name))
  if (unknown !== undefined)
    throw new PushError('unknown-column', {
      subject: `${view.key}: '${unknown.slice(0, 64)}'`,
      allowed: names,
    })
  const values = columns.map(column => readColumn(view, column, fields))
  const written = fieldsOf(columns, values)
  const content = contentOf(written, arrived)
  const row: ViewRow = {
    keys: values.slice(0, view.joinKeys.length),
    eventTimestamp: eventOf(view, values[view.joinKeys.length], arrived),
    createdTimestamp: arrived,
    rowHash: pushedHash(content, arrived),
    features: values.slice(view.joinKeys.length + 1),
  }
  refuseLargeRow(view, row)
  const line = storableLine(lineOf(view.key, row.rowHash, content), `${view.key}: its row`)
  return { view, row, key: view.key, json: `{${written}}`, line }
}

function readColumn(view: ViewPlan, { name, codec, nullable }: PushedColumn, fields: JsonObject): Value {
  const subject = `${view.key}: ${name}`
  const json = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (json === undefined) throw new PushError('missing', { subject })
  const value = codec.read(json)
  if (value !== undefined && (value !== null || nullable)) return value
  throw new PushError('bad-value', { subject, got: kindOf(json), allowed: [codec.allowed] })
}

function eventOf(view: ViewPlan, event: Value | undefined, arrived: Micros): Micros {
  // The codec has read a timestamp, so the value is a bigint of microseconds.
  if (typeof event !== 'bigint') throw new TypeError(`${view.key}: ${EVENT} is no instant`)
  if (event > arrived) throw new PushError('of-the-future', { subject: `${view.key}: ${EVENT}` })
  return event
}
