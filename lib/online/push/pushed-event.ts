/**
 * An event of a stream, as JSON. It has every field of the stream, in the forms of responses (see json-codec.ts). Its
 * created timestamp is its arrival. Each aggregate view over the stream adds it to its tiles, and each other view
 * stores it as a row. A view ignores the event if one of its join keys is null.
 */

import type { Value } from '../../definition/value-types.ts'
import type { Plan, StreamPlan, ViewPlan } from '../../plan/plan.ts'
import { type Micros, microsOf } from '../../semantics/point-in-time.ts'
import { eventIdOf } from '../item/event-id.ts'
import type { ViewRow } from '../item/item.ts'
import { jsonCodec } from '../item/json-codec.ts'
import { type JsonObject, kindOf } from '../item/json-value.ts'
import type { TileEvent } from '../tiles/event.ts'
import { PushError } from './push-error.ts'
import {
  contentOf,
  fieldsOf,
  lineOf,
  pushedHash,
  refuseLargeEvent,
  refuseLargeRow,
  refuseLongKey,
  storableLine,
  type WrittenColumn,
} from './pushed-line.ts'

export interface PushedEvent {
  /** The name of the stream. */
  readonly key: string
  /** The fields of the event as JSON, in written form. */
  readonly json: string
  /** The line as one JSON object: the key, the arrival and a hash, then the fields of the event. */
  readonly line: string
  /** The event for each online aggregate view. */
  readonly tiles: readonly { readonly view: ViewPlan; readonly event: TileEvent }[]
  /** The row for each other online view. */
  readonly rows: readonly { readonly view: ViewPlan; readonly row: ViewRow }[]
  /** The keys of the views for which a join key of the event is null. */
  readonly unkeyed: readonly string[]
}

/** The stream that is a view's source; null if the source is of another kind. */
export function streamOf({ sources }: Pick<Plan, 'sources'>, { origin }: ViewPlan): StreamPlan | null {
  const source = origin.kind === 'source' ? sources[origin.source] : undefined
  return source?.kind === 'stream' ? source : null
}

interface Reading {
  readonly stream: StreamPlan
  readonly columns: readonly WrittenColumn[]
  readonly views: readonly ViewPlan[]
}

export type PushedEventReader = (fields: JsonObject, arrived: Micros) => PushedEvent

/** Returns the reader of a stream's events. `arrived` is the instant at which the store received the event. */
export function pushedEventReader(plan: Plan, stream: StreamPlan): PushedEventReader {
  const reading = {
    stream,
    columns: stream.columns.map(column => ({ ...column, codec: jsonCodec(column.type) })),
    views: Object.values(plan.views).filter(view => streamOf(plan, view) === stream),
  }
  return (fields, arrived) => readEvent(reading, fields, arrived)
}

type Values = Readonly<Record<string, Value>>

function readEvent({ stream, columns, views }: Reading, fields: JsonObject, arrived: Micros): PushedEvent {
  const values = readFields(stream, columns, fields)
  refuseFuture(stream, values, arrived)
  const written = fieldsOf(
    columns,
    columns.map(({ name }) => values[name] ?? null),
  )
  const content = contentOf(written, arrived)
  const event = { values, arrived, rowHash: pushedHash(content, arrived) }
  const viewEvents = views.map(view => ({ view, keys: keysOf(view, values), at: instantOf(view, values) }))
  const keyed = viewEvents.flatMap(one => (isKeyed(one) ? [one] : []))
  if (views.length > 0 && keyed.length === 0) throw new PushError('unkeyed', { subject: stream.name })
  const online = keyed.filter(({ view }) => view.online)
  for (const { view, keys } of online) refuseLongKey(view, keys)
  const tiles = online.flatMap(one => tileOf(one, event))
  for (const { view, event } of tiles) refuseLargeEvent(view, event)
  const rows = online.flatMap(one => rowOf(one, event))
  for (const { view, row } of rows) refuseLargeRow(view, row)
  return {
    key: stream.name,
    json: `{${written}}`,
    line: storableLine(lineOf(stream.name, event.rowHash, content), stream.name),
    tiles,
    rows,
    unkeyed: viewEvents.filter(one => !isKeyed(one)).map(({ view }) => view.key),
  }
}

/** An event from the point of view of one view. */
interface ViewEvent {
  readonly view: ViewPlan
  readonly keys: readonly Value[]
  readonly at: Value
}

interface Keyed extends ViewEvent {
  readonly at: Micros
}

const isKeyed = (event: ViewEvent): event is Keyed =>
  typeof event.at === 'bigint' && event.keys.every(key => key !== null)

interface Event {
  readonly values: Values
  readonly arrived: Micros
  readonly rowHash: string
}

const keysOf = ({ joinKeys, aggregates }: ViewPlan, values: Values): readonly Value[] =>
  joinKeys.map(({ name }, i) => values[aggregates?.keysFrom[i] ?? name] ?? null)

const instantOf = ({ eventTimestamp }: ViewPlan, values: Values): Value => values[eventTimestamp] ?? null

function tileOf({ view, keys, at }: Keyed, { values }: Event): PushedEvent['tiles'] {
  if (view.aggregates === null) return []
  const { eventId, columns } = view.aggregates
  const kept = columns.map(({ name }) => [name, values[name] ?? null] as const)
  const own = view.joinKeys.map(({ name }, i) => [name, keys[i] ?? null] as const)
  const id = eventIdOf(eventId.map(({ name }) => values[name] ?? null))
  return [{ view, event: { keys, eventTimestamp: at, id, values: Object.fromEntries([...kept, ...own]) } }]
}

function rowOf({ view, keys, at }: Keyed, { values, arrived, rowHash }: Event): PushedEvent['rows'] {
  if (view.aggregates !== null) return []
  const features = view.features.map(({ name }) => values[name] ?? null)
  return [{ view, row: { keys, eventTimestamp: at, createdTimestamp: arrived, rowHash, features } }]
}

function readFields(stream: StreamPlan, columns: readonly WrittenColumn[], fields: JsonObject): Values {
  const names = columns.map(({ name }) => name)
  const unknown = Object.keys(fields).find(name => !names.includes(name))
  if (unknown !== undefined)
    throw new PushError('unknown-field', {
      subject: `${stream.name}: '${unknown.slice(0, 64)}'`,
      allowed: names,
    })
  return Object.fromEntries(columns.map(column => [column.name, readField(stream, column, fields)]))
}

function readField(stream: StreamPlan, { name, codec }: WrittenColumn, fields: JsonObject): Value {
  const subject = `${stream.name}: ${name}`
  const json = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (json === undefined) throw new PushError('missing-field', { subject })
  const value = codec.read(json)
  const nullable = name !== stream.eventTimestamp && !stream.eventId.includes(name)
  if (value !== undefined && (value !== null || nullable)) return value
  throw new PushError('bad-value', { subject, got: kindOf(json), allowed: [codec.allowed] })
}

function refuseFuture({ name, eventTimestamp, toleranceMs }: StreamPlan, values: Values, arrived: Micros) {
  const at = values[eventTimestamp]
  if (typeof at === 'bigint' && at > arrived + microsOf(toleranceMs))
    throw new PushError('ahead-of-arrival', { subject: `${name}: ${eventTimestamp}` })
}
