/** The online writes of a view in a month: by runs, and by push. */
import type { Plan, ViewPlan } from '../plan/plan.ts'
import { PUSH_BATCH, PUSH_WINDOW_SECONDS } from './assumptions.ts'
import { DAYS_A_MONTH, total } from './line.ts'
import { itemBytes } from './row-bytes.ts'
import { type RunLoad, rowsWritten } from './run-load.ts'
import { tileLoad, tileWrite } from './tiles.ts'
import type { Workload } from './workload.ts'

export interface WritesProps {
  readonly plan: Plan
  readonly workload: Workload
  readonly runs: readonly RunLoad[]
}

export interface Writes {
  /** Conditional writes, including those whose condition fails. */
  readonly items: number
  readonly writeUnits: number
  /** Items that are read before they are written. */
  readonly readItems: number
  readonly readUnits: number
}

/** A write unit is 1 KB. */
export const writeUnits = (view: ViewPlan): number => Math.ceil(itemBytes(view) / 1_024)

export function writesOf(props: WritesProps, view: ViewPlan): Writes {
  if (view.aggregates !== null) return tileWrites(props, view)
  const { runs, workload } = props
  const pushed = (workload.views[view.key]?.pushedPerDay ?? 0) * DAYS_A_MONTH
  const items = total(runs, run => rowsWritten(run, view.key)) + pushed
  return { items, writeUnits: items * writeUnits(view), readItems: 0, readUnits: 0 }
}

/**
 * The events of an entity in one run or batch read and write each day once. The events of a run are assumed to be of
 * one day.
 */
function tileWrites({ runs, workload }: WritesProps, view: ViewPlan): Writes {
  const { entities = 0, pushedPerDay = 0 } = workload.views[view.key] ?? {}
  const all = Math.max(entities, 1)
  const batch = Math.min(PUSH_BATCH, Math.max(1, (pushedPerDay / SECONDS_A_DAY) * PUSH_WINDOW_SECONDS))
  const pushed = pushedPerDay * DAYS_A_MONTH * Math.min(1, all / batch)
  const days = total(runs, run => rowsWritten(run, view.key, all)) + pushed
  if (days === 0) return { items: 0, writeUnits: 0, readItems: 0, readUnits: 0 }
  const each = tileWrite(view, tileLoad(workload, view))
  const items = days * each.items
  return {
    items,
    writeUnits: days * each.writeUnits,
    readItems: items,
    readUnits: days * each.readUnits,
  }
}

const SECONDS_A_DAY = 86_400
