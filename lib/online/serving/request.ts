/**
 * Decodes a request of Feast's protocol: the items to read, and how to answer from them.
 *
 * The body is `{"feature_service": name}` or `{"features": ["view:feature", …]}`, with `"entities": {join key:
 * [value, …]}` and optionally `"full_feature_names": true`. Request values of derived features are columns of the
 * entities, too. Other fields are ignored, as in Feast. Other entity columns are refused, because they are probably
 * misspelt.
 */

import type { Value } from '../../definition/value-types.ts'
import type { Plan } from '../../plan/plan.ts'
import { nearestName } from '../../text/nearest-name.ts'
import { type Access, OPEN } from '../access/access.ts'
import { EntityKeyError, type ItemKey, keyOfTexts } from '../item/entity-key.ts'
import { isObject, type JsonObject, type JsonValue, kindOf, parseJson } from '../item/json-value.ts'
import type { PreparedJoinKey, PreparedService, PreparedViewRef } from './prepared-service.ts'
import { type Reads, readsOf, type ViewReads } from './reads.ts'
import {
  MAX_ANSWER_BYTES,
  MAX_BODY_BYTES,
  MAX_KEYS,
  MIN_CELL_BYTES,
  quoted,
  RequestError,
} from './request-error.ts'
import { requestValues } from './request-values.ts'
import { columnOf, entitiesOf, fullFeatureNames, type PreparedLists, selection } from './selection.ts'

export interface OnlineRequest {
  readonly service: PreparedService
  readonly fullFeatureNames: boolean
  /** The number of entity rows. */
  readonly rows: number
  /** One column for each join key of the service, in its order. */
  readonly columns: readonly (readonly Value[])[]
  /** One column for each request value of the service, in its order. */
  readonly given: readonly (readonly Value[])[]
  /** The items to read for each row. */
  readonly reads: Reads
  /** The keys to read: the first item for each row, then the second for each row, … A key can occur several times. */
  readonly keys: readonly ItemKey[]
  /** The attributes to read; undefined if reading all of them is cheaper. */
  readonly attributes: readonly string[] | undefined
}

/**
 * @param nowMs arrival of the request, in milliseconds since 1970; the response is for this instant or later
 * @throws {RequestError} if the body is invalid
 */
export type RequestDecoder = (body: string, nowMs: number) => OnlineRequest

function bodyOf(text: string): JsonObject {
  if (Buffer.byteLength(text) > MAX_BODY_BYTES)
    throw new RequestError('body-too-large', { subject: 'the body' })
  const body = jsonOf(text)
  if (isObject(body)) return body
  throw new RequestError('bad-field', { subject: 'the body', got: kindOf(body), allowed: ['an object'] })
}

function jsonOf(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch {
    throw new RequestError('not-json', { subject: 'the body' })
  }
}

function refuseUnknown(entities: JsonObject, { joinKeys, derived }: PreparedService): void {
  const allowed = [...joinKeys, ...(derived?.request ?? [])].map(({ name }) => name)
  const unknown = Object.keys(entities).find(name => !allowed.includes(name))
  if (unknown === undefined) return
  const subject = `entities.${quoted(unknown)}`
  throw new RequestError('unknown-join-key', { subject, allowed, meant: nearestName(unknown, allowed) })
}

function keyValue(json: JsonValue, { name, json: codec }: PreparedJoinKey, row: number): Value {
  const value = codec.read(json)
  if (value !== undefined && value !== null) return value
  const subject = `entities.${name}[${row}]`
  if (value === null) throw new RequestError('null-join-key', { subject })
  throw new RequestError('bad-join-key', { subject, got: kindOf(json), allowed: [codec.allowed] })
}

/**
 * All columns must have the same length, and the number of keys is limited. This is checked before any value is read.
 */
function checkSize(
  service: PreparedService,
  reads: Reads,
  columns: readonly (readonly JsonValue[])[],
): number {
  const rows = columns[0]?.length ?? 0
  const odd = columns.findIndex(column => column.length !== rows)
  if (odd >= 0) {
    const subject = `entities.${service.joinKeys[odd]?.name}`
    throw new RequestError('unequal-columns', {
      subject,
      got: String(columns[odd]?.length),
      allowed: [String(rows)],
    })
  }
  const keys = rows * reads.items
  if (keys > MAX_KEYS) throw new RequestError('too-many-keys', { subject: 'the request', got: String(keys) })
  // The exact size of the response is checked later. If even its minimum size is too large, no value is read.
  const cells = rows * (service.names.length + service.joinKeys.length)
  if (cells * MIN_CELL_BYTES > MAX_ANSWER_BYTES)
    throw new RequestError('answer-too-large', { subject: 'the request' })
  return rows
}

function itemKeys(
  { view, columns }: PreparedViewRef,
  texts: readonly (readonly string[])[],
  rows: number,
): ItemKey[] {
  return Array.from({ length: rows }, (_, row) =>
    keyOfTexts(
      view,
      columns.map(column => texts[column]?.[row] ?? ''),
    ),
  )
}

/** The keys of all items with tiles, from one key per row. */
const tileKeys = (keys: readonly ItemKey[], { sorts }: ViewReads): ItemKey[] =>
  sorts.flatMap(sk => keys.map(({ pk }) => ({ pk, sk })))

interface Sized {
  readonly columns: OnlineRequest['columns']
  readonly reads: Reads
  readonly rows: number
}

function keysOf(service: PreparedService, { columns, reads, rows }: Sized): ItemKey[] {
  const texts = columns.map((column, i) => column.map(value => service.joinKeys[i]?.text(value) ?? ''))
  try {
    return service.uses.flatMap((use, i) => {
      const keys = itemKeys(use, texts, rows)
      const own = reads.uses[i]
      return own === undefined || own.tiles === null ? keys : tileKeys(keys, own)
    })
  } catch (error) {
    if (!(error instanceof EntityKeyError)) throw error
    throw new RequestError('key-too-long', {
      subject: 'entities',
      got: `${error.bytes} bytes for ${error.view}`,
    })
  }
}

/** The number of items in one read of the store. */
const READ_TOGETHER = 100

/**
 * Naming an attribute costs about as much as leaving one out saves. The names are sent once for all items of a read.
 */
const projected = ({ attributes, leftOut }: PreparedService, rows: number): readonly string[] | undefined =>
  leftOut * Math.min(rows, READ_TOGETHER) > attributes.length ? attributes : undefined

/** Returns a decoder of a plan's requests. Each service is prepared at its first request. */
export function requestDecoder(plan: Plan, access: Access = OPEN, lists?: PreparedLists): RequestDecoder {
  const select = selection(plan, access, lists)
  return (text, nowMs) => {
    const body = bodyOf(text)
    const service = select(body)
    const entities = entitiesOf(body)
    refuseUnknown(entities, service)
    const given = service.joinKeys.map(({ name }) => columnOf(entities, name))
    const reads = service.reads ?? readsOf(service.uses, nowMs)
    const rows = checkSize(service, reads, given)
    const columns = service.joinKeys.map((key, i) =>
      (given[i] ?? []).map((json, row) => keyValue(json, key, row)),
    )
    const requested = service.derived === null ? [] : requestValues(service.derived, entities, rows)
    const keys = keysOf(service, { columns, reads, rows })
    const attributes = projected(service, rows)
    return {
      service,
      fullFeatureNames: fullFeatureNames(body),
      rows,
      columns,
      given: requested,
      reads,
      keys,
      attributes,
    }
  }
}
