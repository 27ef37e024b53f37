/**
 * A pushed record, as JSON. `{"view": …, "row": {…}}` is a row of a view (pushed-row.ts). `{"source": …, "event":
 * {…}}` is an event of a stream (pushed-event.ts). On a stream source's own Kinesis stream, a record is the event
 * alone.
 */

import type { Plan, StreamPlan, ViewPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { nearestName } from '../../text/nearest-name.ts'
import type { ViewRow } from '../item/item.ts'
import { isObject, type JsonObject, type JsonValue, kindOf, parseJson } from '../item/json-value.ts'
import { PushError } from './push-error.ts'
import { type PushedEvent, type PushedEventReader, pushedEventReader } from './pushed-event.ts'
import { pushedRowReader } from './pushed-row.ts'

/** A parsed record: the line to store, and its online rows and tile events. */
export interface ReadRecord extends Pick<PushedEvent, 'key' | 'line' | 'tiles' | 'unkeyed'> {
  readonly rows: readonly { readonly view: ViewPlan; readonly row: ViewRow }[]
}

/** The largest record with an event, in bytes of UTF-8. */
export const MAX_EVENT_BYTES = 256 * 1024

export interface RecordText {
  readonly text: string
  /** The stream source whose own stream delivered the event. @default none: the record names its view or source */
  readonly source?: string | undefined
}

/**
 * Returns the reader of a plan's pushed records.
 * @throws {PushError} for a record that is invalid and will stay invalid
 */
export function pushedRecordReader(plan: Plan): (record: RecordText, arrived: Micros) => ReadRecord {
  const readRow = pushedRowReader(plan)
  const streams = Object.values(plan.sources).filter(
    (source): source is StreamPlan => source.kind === 'stream',
  )
  const readers = new Map(streams.map(stream => [stream.name, pushedEventReader(plan, stream)] as const))
  return ({ text, source }, arrived) => {
    if (source !== undefined) return readerOf(readers, source)(objectOf(small(text)), arrived)
    const record = objectOf(text)
    if (!('source' in record)) {
      const { view, row, key, line } = readRow(record, arrived)
      return { key, line, rows: [{ view, row }], tiles: [], unkeyed: [] }
    }
    small(text)
    const read = readerOf(readers, record['source'])
    const fields = record['event']
    if (!isObject(fields))
      throw new PushError('bad-field', { subject: 'event', got: kindOf(fields), allowed: ['an object'] })
    return read(fields, arrived)
  }
}

/** An event as a record of the store's own stream. */
export const recordText = (text: string, source: string | undefined): string =>
  source === undefined ? text : `{"source":${JSON.stringify(source)},"event":${text.trim()}}`

function small(text: string): string {
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_EVENT_BYTES)
    throw new PushError('too-large', { subject: 'the record', got: `${bytes} bytes` })
  return text
}

function objectOf(text: string): JsonObject {
  let record: JsonValue
  try {
    record = parseJson(text)
  } catch {
    throw new PushError('not-json', { subject: 'the record' })
  }
  if (isObject(record)) return record
  throw new PushError('bad-field', { subject: 'the record', got: kindOf(record), allowed: ['an object'] })
}

function readerOf(
  readers: ReadonlyMap<string, PushedEventReader>,
  name: JsonValue | undefined,
): PushedEventReader {
  const reader = typeof name === 'string' ? readers.get(name) : undefined
  if (reader !== undefined) return reader
  const meant = typeof name === 'string' ? nearestName(name, [...readers.keys()]) : undefined
  const hint = meant === undefined ? {} : { allowed: [meant] }
  throw new PushError('unknown-source', { subject: 'source', got: kindOf(name), ...hint })
}
