/**
 * A push request: one event of a stream or one row of a view, or a list of them. Each is validated before it is sent
 * to the stream.
 */
import { createHash } from 'node:crypto'
import type { Plan } from '../../plan/plan.ts'
import { postsOf } from '../../plan/streams-of.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { nearestName } from '../../text/nearest-name.ts'
import { itemKey } from '../item/item.ts'
import { isObject, type JsonObject, type JsonValue, kindOf, parseJson } from '../item/json-value.ts'
import { MAX_BODY_BYTES, MAX_EVENTS, quoted, RequestError } from '../serving/request-error.ts'
import { PushError } from './push-error.ts'
import { type PushedEvent, type PushedEventReader, pushedEventReader } from './pushed-event.ts'
import { MAX_EVENT_BYTES, recordText } from './pushed-record.ts'
import { pushedRowReader } from './pushed-row.ts'

/** A record of the store's stream. */
export interface StreamRecord {
  /** The partition key. Records with the same key keep their order, unless one must be retried. */
  readonly key: string
  readonly text: string
}

export interface EventsRead {
  readonly accepted: readonly StreamRecord[]
  /** The refused events by index, each with the invalid field and never its value. */
  readonly refused: readonly { readonly index: number; readonly reason: string }[]
}

/** @throws {RequestError} if the stream is unknown or the body as a whole is invalid */
export type EventsReader = (source: string, body: string, arrived: Micros) => EventsRead

export function eventsReader(plan: Plan): EventsReader {
  const readers = recordReaders(plan)
  return (source, body, arrived) => {
    const read = readers.get(source)
    if (read === undefined) {
      const meant = nearestName(source, [...readers.keys()])
      throw new RequestError('unknown-stream', { subject: quoted(source), meant })
    }
    const accepted: StreamRecord[] = []
    const refused: { index: number; reason: string }[] = []
    for (const [index, json] of eventsIn(body).entries()) {
      try {
        accepted.push(recordOf(read, json, arrived))
      } catch (error) {
        if (!(error instanceof PushError)) throw error
        refused.push({ index, reason: error.message })
      }
    }
    return { accepted, refused }
  }
}

function eventsIn(body: string): readonly JsonValue[] {
  if (Buffer.byteLength(body) > MAX_BODY_BYTES)
    throw new RequestError('events-too-large', { subject: 'the body' })
  const json = jsonOf(body)
  if (isObject(json)) return [json]
  if (!Array.isArray(json)) {
    const allowed = ['an object', 'a list of objects']
    throw new RequestError('bad-field', { subject: 'the body', got: kindOf(json), allowed })
  }
  if (json.length > MAX_EVENTS) throw new RequestError('too-many-events', { subject: 'the body' })
  return json
}

function jsonOf(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch {
    throw new RequestError('not-json', { subject: 'the body' })
  }
}

/** A record, and a text that identifies its entity. */
interface ReadPost {
  readonly text: string
  readonly entity: string
}

/** Reads an event or a row without an envelope. @throws {PushError} */
type PostReader = (fields: JsonObject, arrived: Micros) => ReadPost

/** The readers, by stream name and by view key. */
function recordReaders(plan: Plan): ReadonlyMap<string, PostReader> {
  const { streams, views } = postsOf(plan)
  const readRow = pushedRowReader(plan)
  return new Map<string, PostReader>([
    ...views.map(({ key }) => [key, rowPost(readRow, key)] as const),
    ...streams.map(stream => [stream.name, eventPost(pushedEventReader(plan, stream), stream.name)] as const),
  ])
}

const eventPost =
  (read: PushedEventReader, source: string): PostReader =>
  (fields, arrived) => {
    const event = read(fields, arrived)
    return { text: recordText(event.json, source), entity: entityOf(event) }
  }

const rowPost =
  (read: ReturnType<typeof pushedRowReader>, view: string): PostReader =>
  (row, arrived) => {
    const { json, ...pushed } = read({ view, row }, arrived)
    const text = `{"view":${JSON.stringify(view)},"row":${json}}`
    return { text, entity: itemKey(pushed.view, pushed.row.keys).pk }
  }

function recordOf(read: PostReader, json: JsonValue, arrived: Micros): StreamRecord {
  if (!isObject(json))
    throw new PushError('bad-field', { subject: 'the event', got: kindOf(json), allowed: ['an object'] })
  const { text, entity } = read(json, arrived)
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_EVENT_BYTES)
    throw new PushError('too-large', { subject: 'the event', got: `${bytes} bytes` })
  return { key: createHash('sha256').update(entity).digest('hex'), text }
}

/** All events of an entity get the same partition key, so that they stay in order. */
function entityOf({ tiles: [tile], rows: [row], line }: PushedEvent): string {
  if (tile !== undefined) return itemKey(tile.view, tile.event.keys).pk
  return row === undefined ? line : itemKey(row.view, row.row.keys).pk
}
