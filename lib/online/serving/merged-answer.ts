/**
 * Merges the responses of several variants of a service. Each variant answers for some entity rows, and no row mixes
 * two variants. The response has the columns of the base variant. `metadata.variants` has the variant of each row.
 */
import { microsOf } from '../../semantics/point-in-time.ts'
import type { Item } from '../item/item.ts'
import {
  type Answer,
  cellsOf,
  type FeatureStatus,
  instantJson,
  joinKeyResults,
  noStatuses,
  result,
} from './answer.ts'
import { derivedCells } from './derived.ts'
import type { PreparedViewRef } from './prepared-service.ts'
import { resolveView } from './reads.ts'
import type { OnlineRequest } from './request.ts'

/** The part of the response from one variant. */
export interface Part {
  readonly variant: string
  /** The whole request, decoded with the plan of the variant. */
  readonly request: OnlineRequest
  /** The indexes of its entity rows, in ascending order. */
  readonly rows: readonly number[]
  /** The items of {@link keysOf}, in the same order. */
  readonly items: readonly (Item | undefined)[]
}

/** The keys of some rows of a request: the first item for each row, then the second for each row, … */
export const keysOf = ({ reads, keys, rows: all }: OnlineRequest, rows: readonly number[]) =>
  Array.from({ length: reads.items }, (_, item) => item).flatMap(item =>
    rows.map(row => {
      const key = keys[item * all + row]
      if (key === undefined) throw new RangeError(`row ${row} of ${all}`)
      return key
    }),
  )

/** A column, with one text per row. */
export interface Column {
  readonly values: string[]
  readonly statuses: FeatureStatus[]
  readonly timestamps: string[]
}

/** The feature columns of a part by name, with its rows in order. */
export function columnsOf(
  { request, rows, items }: Omit<Part, 'variant'>,
  nowMs: number,
): Map<string, Column> {
  const now = microsOf(nowMs)
  const { names, uses, derived } = request.service
  const judged = request.reads.uses.map((reads, i) =>
    resolveView({ use: uses[i] as PreparedViewRef, reads, items, rows: rows.length, now }),
  )
  const features = judged.flatMap((items, i) => {
    const timestamps = items.map(({ eventTimestamp }) => instantJson(eventTimestamp))
    return (uses[i]?.features ?? []).map(feature => ({ ...cellsOf(feature, items), timestamps }))
  })
  const made = derived === null ? [] : derivedCells(derived, { judged, given: request.given, rows })
  const timestamps = rows.map(() => instantJson(now))
  const columns = [...features, ...made.map(cells => ({ ...cells, timestamps }))]
  return new Map(
    columns.map(({ values, statuses, timestamps }, i) => [
      names[i] ?? '',
      { values: [...values], statuses: [...statuses], timestamps: [...timestamps] },
    ]),
  )
}

/** @param base the variant whose columns the response has; every part has them, see rollout-check.ts */
export function mergedAnswer(base: OnlineRequest, parts: readonly Part[], nowMs: number): Answer {
  const statuses = noStatuses()
  const columns = parts.map(part => columnsOf(part, nowMs))
  const results = base.service.names.map(name => {
    const merged: Column = { values: [], statuses: [], timestamps: [] }
    for (const [p, { rows }] of parts.entries()) {
      const column = columns[p]?.get(name)
      if (column === undefined) throw new Error(`variant ${parts[p]?.variant} has no column ${name}`)
      for (const [i, row] of rows.entries()) {
        merged.values[row] = column.values[i] ?? 'null'
        merged.statuses[row] = column.statuses[i] ?? 'NOT_FOUND'
        merged.timestamps[row] = column.timestamps[i] ?? ''
      }
    }
    for (const status of merged.statuses) statuses[status]++
    return result(merged.values, merged.statuses, merged.timestamps.join(','))
  })
  const text = `${headWith(base, variantsOf(parts))}${[...joinKeyResults(base), ...results].join(',')}]}`
  return { text, statuses }
}

function variantsOf(parts: readonly Part[]): readonly string[] {
  const variants: string[] = []
  for (const { variant, rows } of parts) for (const row of rows) variants[row] = variant
  return variants
}

/** The start of the response text, with the variants in its metadata. */
function headWith({ service, fullFeatureNames }: OnlineRequest, variants: readonly string[]): string {
  const head = fullFeatureNames ? service.head.full : service.head.short
  return head.replace(/\},"results":\[$/, () => `,"variants":${JSON.stringify(variants)}},"results":[`)
}
