/**
 * Items to the answer of Feast's protocol, written as text at once: JSON.stringify would lose an int64's digits.
 *
 * `{"metadata": {"feature_names": [name, …]}, "results": [{"values": […], "statuses": […], "event_timestamps": […]}, …]}`:
 * one result for each name, the join keys first, then the features in the order of the service; in each one value for each
 * entity row. As with Feast a join key is PRESENT at 1970-01-01T00:00:00Z, the instant that stands for none.
 *
 * | status | when | value | event timestamp |
 * | --- | --- | --- | --- |
 * | PRESENT | the row is good and holds a value | the value | the row's |
 * | NULL_VALUE | the row is good and holds null | null | the row's |
 * | OUTSIDE_MAX_AGE | the row is older than the view's ttl at the instant of the answer | null | the row's |
 * | NOT_FOUND | the store has no row, or one that is not yet true at that instant | null | none |
 */
import { isExpired, isVisible, type Micros, microsOf } from '../point-in-time.ts'
import { isoMicros } from './instant-text.ts'
import { eventTimestampOf, type Item } from './item.ts'
import type { PreparedFeature, PreparedUse } from './prepared-service.ts'
import type { OnlineRequest } from './request.ts'

export type FeatureStatus = 'PRESENT' | 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'

export interface AnswerInput {
  readonly request: OnlineRequest
  /** In the order of the request's keys; `undefined` where the store has none. */
  readonly items: readonly (Item | undefined)[]
  /** Milliseconds since 1970: the instant at which ages are judged. */
  readonly nowMs: number
}

/** An entity row's item as all features of its use share it. */
interface Found {
  /** Undefined if no value may be served. */
  readonly item: Item | undefined
  /** Of every value, unless one is null. */
  readonly status: FeatureStatus
  /** JSON text. */
  readonly eventTimestamp: string
}

const NO_INSTANT = '"1970-01-01T00:00:00Z"'
const NOT_FOUND: Found = { item: undefined, status: 'NOT_FOUND', eventTimestamp: NO_INSTANT }

/** As protobuf writes instants, hence Feast: no fraction where there is none. */
const instantJson = (micros: Micros): string => `"${isoMicros(micros).replace('.000000', '')}"`

function find(item: Item | undefined, now: Micros, ttlMs: number | null): Found {
  if (item === undefined) return NOT_FOUND
  const event = eventTimestampOf(item)
  const eventTimestamp = instantJson(event)
  if (isExpired(event, now, ttlMs)) return { item: undefined, status: 'OUTSIDE_MAX_AGE', eventTimestamp }
  // The rule of time hides what is not yet true; a training set would not hold it either.
  const row = { eventTimestamp: event, createdTimestamp: null, rowHash: '' }
  return isVisible(row, now, { ttlMs }) ? { item, status: 'PRESENT', eventTimestamp } : NOT_FOUND
}

function result(values: readonly string[], statuses: readonly FeatureStatus[], timestamps: string): string {
  const status = statuses.length === 0 ? '' : `"${statuses.join('","')}"`
  return `{"values":[${values.join(',')}],"statuses":[${status}],"event_timestamps":[${timestamps}]}`
}

function featureResult(
  { attribute, json }: PreparedFeature,
  rows: readonly Found[],
  timestamps: string,
): string {
  const values = rows.map(({ item }) => (item === undefined ? 'null' : json(item[attribute])))
  const statuses = rows.map(({ status }, i) =>
    status === 'PRESENT' && values[i] === 'null' ? 'NULL_VALUE' : status,
  )
  return result(values, statuses, timestamps)
}

function useResults(use: PreparedUse, items: AnswerInput['items'], now: Micros): string[] {
  const rows = items.map(item => find(item, now, use.ttlMs))
  const timestamps = rows.map(({ eventTimestamp }) => eventTimestamp).join(',')
  return use.features.map(feature => featureResult(feature, rows, timestamps))
}

function joinKeyResults({ service, columns, rows }: OnlineRequest): string[] {
  const statuses = new Array<FeatureStatus>(rows).fill('PRESENT')
  const timestamps = new Array<string>(rows).fill(NO_INSTANT).join(',')
  return service.joinKeys.map(({ json }, i) =>
    result((columns[i] ?? []).map(json.write), statuses, timestamps),
  )
}

/** The answer's JSON text. */
export function answerText({ request, items, nowMs }: AnswerInput): string {
  const { service, rows, fullFeatureNames } = request
  const now = microsOf(nowMs)
  const features = service.uses.flatMap((use, i) =>
    useResults(use, items.slice(i * rows, (i + 1) * rows), now),
  )
  const results = [...joinKeyResults(request), ...features]
  return `${fullFeatureNames ? service.head.full : service.head.short}${results.join(',')}]}`
}
