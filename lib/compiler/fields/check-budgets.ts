/** Checks whether freshness, latency and item size are possible, and shows the calculation if they are not. */
import { shapeOf } from '../../definition/value-types.ts'
import type { FeaturePlan, ViewPlan } from '../../plan/plan.ts'
import { longestGapMs } from '../../plan/schedule-gap.ts'
import { durationText } from '../../text/duration-text.ts'
import type { DiagnosticPath } from '../diagnostics/diagnostic-path.ts'
import { checkDuration } from './check-fields.ts'

/** Time that a run may take until its rows are served: an allowance, longer than runs of the example take. */
const RUN_MS = 5 * 60_000

type Kept = Pick<ViewPlan, 'online' | 'schedule' | 'maxStalenessMs'>

/** Checks a freshness: it must cover the interval of the schedule, a run, and the `maxStaleness` of caches. */
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

/** Time until DynamoDB's first response, and time per key: from docs/benchmarks.md and AWS documentation. */
const ANSWER_MS = 5
const KEY_MS = 0.1

/** Checks a p99 latency. Views with a `maxStaleness` are mostly answered from the cache, so they do not count. */
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

/** DynamoDB's item limit of 400 KB. */
const MAX_ITEM_BYTES = 400 * 1_024
const FLOAT_BYTES = 4

/** Only vectors have a size that is known here. Text, bytes and arrays have no bound; they are checked when written. */
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
