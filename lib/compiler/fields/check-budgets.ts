/** Promises of views and services: whether they can be kept, and the arithmetic where they cannot. */
import { shapeOf } from '../../definition/value-types.ts'
import type { FeaturePlan, ViewPlan } from '../../plan/plan.ts'
import { longestGapMs } from '../../plan/schedule-gap.ts'
import { durationText } from '../../text/duration-text.ts'
import type { DiagnosticPath } from '../diagnostics/diagnostic-path.ts'
import { checkDuration } from './check-fields.ts'

/** That a run may take until its rows are answered: an allowance, on the safe side of what the example takes. */
const RUN_MS = 5 * 60_000

type Kept = Pick<ViewPlan, 'online' | 'schedule' | 'maxStalenessMs'>

/** How old answers may be: a gap of the schedule, a run, and what memory or DAX may hold back must fit into it. */
export function checkFreshness(place: DiagnosticPath, value: unknown, view: Kept): number | null {
  const freshnessMs = value === undefined ? null : checkDuration(place, value)
  if (freshnessMs === null) return null
  const gapMs = view.online && view.schedule !== null ? longestGapMs(view.schedule) : null
  if (gapMs === null) {
    place.report('freshness-unscheduled', durationText(freshnessMs))
    return freshnessMs
  }
  const parts: readonly (readonly [ms: number, what: string])[] = [
    [gapMs, 'between two runs'],
    [RUN_MS, 'for a run'],
    ...(view.maxStalenessMs === null ? [] : [[view.maxStalenessMs, 'of maxStaleness'] as const]),
  ]
  const leastMs = sumOf(parts.map(([ms]) => ms))
  if (leastMs > freshnessMs)
    place.report('freshness-not-kept', durationText(freshnessMs), {
      allowed: `${durationText(leastMs)} and more: ${parts.map(([ms, what]) => `${durationText(ms)} ${what}`).join(' + ')}`,
    })
  return freshnessMs
}

/** Until DynamoDB's first answer is there, and for each key of it: docs/benchmarks.md, and what AWS says of DynamoDB. */
const ANSWER_MS = 5
const KEY_MS = 0.1

/** What 99 of 100 answers may take. Views that may lag are mostly answered from memory, and so bind nothing. */
export function checkLatency(
  place: DiagnosticPath,
  value: unknown,
  views: readonly Pick<ViewPlan, 'maxStalenessMs'>[],
): number | null {
  const latencyMs = value === undefined ? null : checkDuration(place, value)
  const keys = views.filter(({ maxStalenessMs }) => maxStalenessMs === null).length
  if (latencyMs === null || keys === 0) return latencyMs
  const leastMs = ANSWER_MS + KEY_MS * keys
  if (leastMs > latencyMs)
    place.report('latency-below-read', durationText(latencyMs), {
      allowed: `${leastMs.toFixed(1)} ms and more: ${ANSWER_MS} ms until DynamoDB answers + ${keys} × ${KEY_MS} ms, a key for each view that is read anew`,
    })
  return latencyMs
}

/** DynamoDB's 400 KB. */
const MAX_ITEM_BYTES = 400 * 1_024
const FLOAT_BYTES = 4

/** Only vectors have a size that is known here: texts, bytes and arrays have no bound, and are refused when written. */
export function checkItemSize(place: DiagnosticPath, features: readonly FeaturePlan[]): void {
  const vectors = features.flatMap(({ name, type }) => {
    const shape = shapeOf(type)
    return shape.kind === 'vector' ? [{ type, bytes: name.length + shape.length * FLOAT_BYTES }] : []
  })
  const bytes = sumOf(vectors.map(vector => vector.bytes))
  if (bytes <= MAX_ITEM_BYTES) return
  const counts = [...Map.groupBy(vectors, ({ type }) => type)].map(([type, all]) => `${all.length} × ${type}`)
  place.report('item-too-large', `${bytes} bytes`, {
    allowed: `${MAX_ITEM_BYTES} bytes, and ${counts.join(' + ')} at ${FLOAT_BYTES} bytes a number, with their names, are ${bytes}`,
  })
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
