/** A request to push events: one event or a list of them, each held to its stream before it is sent on its way. */
import { createHash } from 'node:crypto'
import { nearestName } from '../compiler/nearest-name.ts'
import type { Plan, StreamPlan } from '../compiler/plan.ts'
import type { Micros } from '../point-in-time.ts'
import { itemKey } from './item.ts'
import { isObject, type JsonValue, kindOf, parseJson } from './json-value.ts'
import { PushError } from './push-error.ts'
import { type PushedEvent, type PushedEventReader, pushedEventReader } from './pushed-event.ts'
import { MAX_EVENT_BYTES, recordText } from './pushed-record.ts'
import { MAX_BODY_BYTES, MAX_EVENTS, quoted, RequestError } from './request-error.ts'

/** A record of the store's stream. */
export interface StreamRecord {
  /** Records of one key keep their order, unless one must be sent again. */
  readonly key: string
  readonly text: string
}

export interface EventsRead {
  readonly accepted: readonly StreamRecord[]
  /** By their places in the list, with the field that is wrong and no value of it. */
  readonly refused: readonly { readonly index: number; readonly reason: string }[]
}

/** @throws {RequestError} if the stream or the body as a whole is wrong */
export type EventsReader = (source: string, body: string, arrived: Micros) => EventsRead

export function eventsReader(plan: Plan): EventsReader {
  const streams = Object.values(plan.sources).filter((one): one is StreamPlan => one.kind === 'stream')
  const readers = new Map(streams.map(stream => [stream.name, pushedEventReader(plan, stream)] as const))
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
        accepted.push(recordOf(source, read, json, arrived))
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

function recordOf(source: string, read: PushedEventReader, json: JsonValue, arrived: Micros): StreamRecord {
  if (!isObject(json))
    throw new PushError('bad-field', { subject: 'the event', got: kindOf(json), allowed: ['an object'] })
  const event = read(json, arrived)
  const text = recordText(event.json, source)
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_EVENT_BYTES)
    throw new PushError('too-large', { subject: 'the event', got: `${bytes} bytes` })
  return { key: keyOf(event), text }
}

/** Events of one entity go one way, so that they come one after the other. */
function keyOf({ tiles, rows, line }: PushedEvent): string {
  const [tile] = tiles
  const [row] = rows
  const entity = tile
    ? itemKey(tile.view, tile.event.keys).pk
    : row
      ? itemKey(row.view, row.row.keys).pk
      : line
  return createHash('sha256').update(entity).digest('hex')
}
