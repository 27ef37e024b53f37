/**
 * Checks whether a store may have a DAX cluster. A cluster caches an item for its TTL, regardless of writes to the
 * table. So only views whose `maxStaleness` allows this are read through it, and there must be at least one. The
 * cluster also reads with its own role for every client that reaches it, regardless of the client's IAM permissions. So
 * every consumer must have an unmasked grant of all features of such a view.
 */

import { daxViews } from '../../plan/dax-views.ts'
import type { ConsumerPlan, Plan, ViewPlan } from '../../plan/plan.ts'
import { compareText } from '../../text/by-name.ts'
import { type DiagnosticPath, pathIn } from '../diagnostics/diagnostic-path.ts'
import type { Diagnostic } from '../diagnostics/diagnostics.ts'

export interface DaxSettings {
  /** The name of the environment, for messages. */
  readonly environment: string
  /** How long the cluster caches an item. */
  readonly itemTtlMs: number
}

/** @returns all diagnostics; empty if the cluster violates no grant and no staleness */
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

/** Reports that no view can use the cluster, with the largest `maxStaleness` and its view. */
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

/** Reports features that a consumer may not read, or reads masked. */
function noteNarrower(place: DiagnosticPath, view: ViewPlan, { name, grants }: ConsumerPlan): void {
  const granted = grants.find(grant => grant.view === view.key)?.features ?? []
  const shown = new Set(granted.filter(({ mask }) => mask === null).map(feature => feature.name))
  const hidden = view.features.map(feature => feature.name).filter(feature => !shown.has(feature))
  if (hidden.length > 0)
    place.report('dax-shows-more', `consumer ${name}, who may not see ${hidden.join(', ')},`)
}
