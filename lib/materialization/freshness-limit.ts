/**
 * How old the newest online row may be before an alarm. If the view has `freshness`, the limit is `freshness` minus
 * the staleness that caches and DAX may add (`maxStaleness`). Otherwise the limit comes from the schedule: the
 * longest gap between two runs, and the same time again, at most one hour, for a late run. This limit is at least one
 * hour.
 *
 * | schedule | limit |
 * | --- | --- |
 * | every 5 minutes | 1 hour |
 * | every hour | 2 hours |
 * | daily | 25 hours |
 * | on weekdays | 3 days and 1 hour |
 */
import type { ViewPlan } from '../plan/plan.ts'
import { longestGapMs } from '../plan/schedule-gap.ts'

const HOUR_MS = 60 * 60_000

type Scheduled = Pick<ViewPlan, 'online' | 'schedule' | 'freshnessMs' | 'maxStalenessMs'>

/** @returns milliseconds; null for a view that is not online, runs on request, or runs less than weekly */
export function freshnessLimitMs({ online, schedule, ...of }: Scheduled): number | null {
  if (of.freshnessMs !== null) return of.freshnessMs - (of.maxStalenessMs ?? 0)
  const gap = online && schedule !== null ? longestGapMs(schedule) : null
  return gap === null ? null : Math.max(HOUR_MS, gap + Math.min(gap, HOUR_MS))
}
