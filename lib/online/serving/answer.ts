/**
 * Writes the response of Feast's protocol from items. It writes text directly, because JSON.stringify would lose
 * digits of int64 values.
 *
 * `{"metadata": {"feature_names": [name, …]}, "results": [{"values": […], "statuses": […], "event_timestamps": […]},
 * …]}`: one result for each name, with one value per entity row. The join keys come first, then the features in the
 * order of the service. As in Feast, a join key is PRESENT at 1970-01-01T00:00:00Z, which means no instant.
 *
 * | status | when | value | event timestamp |
 * | --- | --- | --- | --- |
 * | PRESENT | the row is valid and has a value | the value | the row's |
 * | NULL_VALUE | the row is valid and has null | null | the row's |
 * | OUTSIDE_MAX_AGE | the row is older than the view's TTL at the instant of the response | null | the row's |
 * | MASKED | the row is valid and the consumer may not see the value | null, or the output of the feature's mask | the row's |
 * | NOT_FOUND | the store has no row, or only one with a later event timestamp | null | none |
 *
 * A derived feature is PRESENT or NULL_VALUE, or MASKED if one of its inputs is masked, at the instant of the
 * response. The row of an aggregate view is computed for any entity at the instant of the response, which is its
 * event timestamp.
 */
import { type Micros, microsOf } from '../../semantics/point-in-time.ts'
import { isoMicros } from '../item/instant-text.ts'
import type { Item } from '../item/item.ts'
import { derivedCells } from './derived.ts'
import type { PreparedFeature, PreparedViewRef } from './prepared-service.ts'
import { resolveView } from './reads.ts'
import type { OnlineRequest } from './request.ts'
import type { ResolvedItem } from './resolve-item.ts'

export type FeatureStatus = ResolvedItem['status'] | 'NULL_VALUE' | 'MASKED'

/** The number of feature values with each status. */
export type StatusCounts = Readonly<Record<FeatureStatus, number>>

export interface Answer {
  /** JSON. */
  readonly text: string
  readonly statuses: StatusCounts
}

export interface AnswerInput {
  readonly request: OnlineRequest
  /** In the order of the request's keys; `undefined` if the store has no item. */
  readonly items: readonly (Item | undefined)[]
  /** Milliseconds since 1970: the instant at which ages are computed. */
  readonly nowMs: number
}

export const noStatuses = (): Record<FeatureStatus, number> => ({
  PRESENT: 0,
  NULL_VALUE: 0,
  MASKED: 0,
  NOT_FOUND: 0,
  OUTSIDE_MAX_AGE: 0,
})

const NO_INSTANT = '"1970-01-01T00:00:00Z"'

/** The format of protobuf and Feast: no fraction for whole seconds. */
export const instantJson = (micros: Micros | null): string =>
  micros === null ? NO_INSTANT : `"${isoMicros(micros).replace('.000000', '')}"`

export function result(
  values: readonly string[],
  statuses: readonly FeatureStatus[],
  timestamps: string,
): string {
  const status = statuses.length === 0 ? '' : `"${statuses.join('","')}"`
  return `{"values":[${values.join(',')}],"statuses":[${status}],"event_timestamps":[${timestamps}]}`
}

/** The values of a feature as JSON, and their statuses, for each row. */
export interface Cells {
  readonly values: readonly string[]
  readonly statuses: readonly FeatureStatus[]
}

export function cellsOf(
  { attribute, json, statuses: { value, null: nothing } }: PreparedFeature,
  rows: readonly ResolvedItem[],
): Cells {
  const values = rows.map(({ item }) => (item === undefined ? 'null' : json(item[attribute])))
  const statuses = rows.map(({ status }, i) => {
    if (status !== 'PRESENT') return status
    return values[i] === 'null' ? nothing : value
  })
  return { values, statuses }
}

function featureResult(
  feature: PreparedFeature,
  rows: readonly ResolvedItem[],
  timestamps: string,
  counts: Record<FeatureStatus, number>,
): string {
  const { values, statuses } = cellsOf(feature, rows)
  for (const status of statuses) counts[status]++
  return result(values, statuses, timestamps)
}

function useResults(
  features: readonly PreparedFeature[],
  rows: readonly ResolvedItem[],
  counts: Record<FeatureStatus, number>,
): string[] {
  const timestamps = rows.map(({ eventTimestamp }) => instantJson(eventTimestamp)).join(',')
  return features.map(feature => featureResult(feature, rows, timestamps, counts))
}

export function joinKeyResults({ service, columns, rows }: OnlineRequest): string[] {
  const statuses = new Array<FeatureStatus>(rows).fill('PRESENT')
  const timestamps = new Array<string>(rows).fill(NO_INSTANT).join(',')
  return service.joinKeys.map(({ json }, i) =>
    result((columns[i] ?? []).map(json.write), statuses, timestamps),
  )
}

/** Derived features are computed at the instant of the response. */
function derivedResults(
  { service: { derived }, given, rows }: OnlineRequest,
  judged: readonly (readonly ResolvedItem[])[],
  now: Micros,
  counts: Record<FeatureStatus, number>,
): string[] {
  if (derived === null) return []
  const timestamps = new Array<string>(rows).fill(instantJson(now)).join(',')
  const places = Array.from({ length: rows }, (_, row) => row)
  return derivedCells(derived, { judged, given, rows: places }).map(({ values, statuses }) => {
    for (const status of statuses) counts[status]++
    return result(values, statuses, timestamps)
  })
}

export function answer({ request, items, nowMs }: AnswerInput): Answer {
  const { service, reads, rows, fullFeatureNames } = request
  const now = microsOf(nowMs)
  const statuses = noStatuses()
  const judged = reads.uses.map((own, i) =>
    resolveView({ use: service.uses[i] as PreparedViewRef, reads: own, items, rows, now }),
  )
  const results = [
    ...joinKeyResults(request),
    ...judged.flatMap((own, i) => useResults(service.uses[i]?.features ?? [], own, statuses)),
    ...derivedResults(request, judged, now, statuses),
  ]
  const text = `${fullFeatureNames ? service.head.full : service.head.short}${results.join(',')}]}`
  return { text, statuses }
}
