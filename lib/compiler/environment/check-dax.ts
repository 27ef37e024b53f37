/**
 * Whether a store may have a DAX cluster. A cluster keeps an item for its TTL, whatever is written to the table meanwhile:
 * so only views that allow as much staleness are read through it, and there must be one. And it shows what its own
 * role may read to whoever reaches it, whatever IAM grants them: so every consumer must be granted such a view whole.
 */

import { daxViews } from '../../plan/dax-views.ts'
import type { ConsumerPlan, Plan, ViewPlan } from '../../plan/plan.ts'
import { compareText } from '../../text/by-name.ts'
import { type DiagnosticPath, pathIn } from '../diagnostics/diagnostic-path.ts'
import type { Diagnostic } from '../diagnostics/diagnostics.ts'

export interface DaxSettings {
  /** The environment's name, for messages. */
  readonly environment: string
  /** How long the cluster keeps an item. */
  readonly itemTtlMs: number
}

/** @returns all mistakes; none if the cluster breaks neither a grant nor a freshness */
export function checkDax(plan: Plan, { environment, itemTtlMs }: DaxSettings): readonly Diagnostic[] {
  const mistakes: Diagnostic[] = []
  const place = pathIn(mistakes, `environment ${environment} › dax`)
  const views = [...daxViews(plan, itemTtlMs)].sort((a, b) => compareText(a.key, b.key))
  if (views.length === 0) noteUnused(place, plan, itemTtlMs)
  for (const view of views)
    for (const consumer of Object.values(plan.consumers))
      noteNarrower(place.inside(`view ${view.key}`), view, consumer)
  return mistakes
}

/** Milliseconds of the view that allows most, and its name. */
function noteUnused(place: DiagnosticPath, plan: Plan, itemTtlMs: number): void {
  const lags = Object.values(plan.views)
    .filter(({ online }) => online)
    .map(({ key, maxStalenessMs }) => ({ key, ms: maxStalenessMs ?? 0 }))
    .sort((a, b) => b.ms - a.ms || compareText(a.key, b.key))
  const [most] = lags
  const allowed =
    most === undefined || most.ms === 0
      ? 'none: no online view has a maxStaleness'
      : `up to ${most.ms} ms, by view ${most.key}`
  place.report('dax-unused', `${itemTtlMs} ms`, { allowed })
}

/** Features that a consumer sees masked, or not at all. */
function noteNarrower(place: DiagnosticPath, view: ViewPlan, { name, grants }: ConsumerPlan): void {
  const granted = grants.find(grant => grant.view === view.key)?.features ?? []
  const shown = new Set(granted.filter(({ mask }) => mask === null).map(feature => feature.name))
  const hidden = view.features.map(feature => feature.name).filter(feature => !shown.has(feature))
  if (hidden.length > 0)
    place.report('dax-shows-more', `consumer ${name}, who may not see ${hidden.join(', ')},`)
}
