/** Writes a pushed row or event as a line for the offline store, with the row hash that resolves ties. */
import { createHash } from 'node:crypto'
import type { Value } from '../../definition/value-types.ts'
import type { Column, ViewPlan } from '../../plan/plan.ts'
import { arrivalText, type Micros } from '../../semantics/point-in-time.ts'
import { MAX_LINE_BYTES } from '../../storable/row-bytes.ts'
import type { ViewRow } from '../item/item.ts'
import { type JsonCodec, jsonCodec } from '../item/json-codec.ts'
import { type Unstorable, unstorableEvent, unstorableKey, unstorableRow } from '../item/storable-row.ts'
import type { TileEvent } from '../tiles/event.ts'
import { PushError } from './push-error.ts'

/** A column, with its codec for lines. */
export interface WrittenColumn extends Column {
  readonly codec: JsonCodec
}

const instants = jsonCodec('timestamp')

/** The values as JSON fields. */
export const fieldsOf = (columns: readonly WrittenColumn[], values: readonly Value[]): string =>
  columns.map(({ name, codec }, i) => `${JSON.stringify(name)}:${codec.write(values[i] ?? null)}`).join(',')

/** The fields with the created timestamp. */
export const contentOf = (fields: string, arrived: Micros): string =>
  `"created_timestamp":${instants.write(arrived)},${fields}`

/**
 * The row hash, from the arrival and the content. It is the same online and offline, and does not depend on the batch
 * that reads the line.
 */
export const pushedHash = (content: string, arrived: Micros): string =>
  arrivalText(arrived) + createHash('sha256').update(content).digest('hex').slice(0, 16)

/** The line as one JSON object. No column can have the names that it adds. */
export const lineOf = (key: string, rowHash: string, content: string): string =>
  `{"quern_key":${JSON.stringify(key)},"row_hash":"${rowHash}",${content}}`

const subjectOf = (view: ViewPlan, what: Unstorable['what']): string =>
  what === 'key' ? `${view.key}: its entity key` : `${view.key}: its ${what}`

function refuse(view: ViewPlan, unstorable: Unstorable | undefined): void {
  if (unstorable === undefined) return
  const { what, bytes } = unstorable
  throw new PushError(`${what}-too-long`, { subject: subjectOf(view, what), got: `${bytes} bytes` })
}

/** @throws {PushError} `key-too-long` */
export const refuseLongKey = (view: ViewPlan, keys: readonly Value[]): void =>
  refuse(view, unstorableKey(view, keys))

/** @throws {PushError} `key-too-long`, `row-too-long` */
export const refuseLargeRow = (view: ViewPlan, { keys, features }: ViewRow): void =>
  refuse(view, unstorableRow(view, keys, features))

/** @throws {PushError} `key-too-long`, `event-too-long` */
export const refuseLargeEvent = (view: ViewPlan, event: TileEvent): void =>
  refuse(view, unstorableEvent(view, event))

/** @throws {PushError} `line-too-long` */
export function storableLine(line: string, subject: string): string {
  const bytes = Buffer.byteLength(line)
  if (bytes > MAX_LINE_BYTES) throw new PushError('line-too-long', { subject, got: `${bytes} bytes` })
  return line
}
