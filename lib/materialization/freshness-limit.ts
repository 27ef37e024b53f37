/**
 * How old the newest row online may be before somebody must look: the view's own `freshness`, less what memory and DAX
 * may hold back (`maxStaleness`); or what its schedule promises, and time for one run to be late. A run is due at the longest after the longest gap of its schedule; it has
 * as long again, an hour at most. That limit is an hour at the least.
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

/** @returns milliseconds; null for a view that is not served online, or is run on request, or less than weekly */
export function freshnessLimitMs({ online, schedule, ...of }: Scheduled): number | null {
  if (of.freshnessMs !== null) return of.freshnessMs - (of.maxStalenessMs ?? 0)
  const gap = online && schedule !== null ? longestGapMs(schedule) : null
  return gap === null ? null : Math.max(HOUR_MS, gap + Math.min(gap, HOUR_MS))
}
