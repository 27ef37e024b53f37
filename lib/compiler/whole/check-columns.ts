/**
 * Checks that the origin of a view has the columns that the view reads. Only possible for views without a
 * transformation.
 */

import type { Column, SourcePlan } from '../../plan/plan.ts'
import type { ViewDraft } from '../compile-view.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'

export interface Origins {
  readonly sources: ReadonlyMap<string, SourcePlan>
  readonly views: ReadonlyMap<string, ViewDraft>
}

export function checkColumns(place: DiagnosticPath, view: ViewDraft, origins: Origins): void {
  const columns = view.transformation === null ? columnsOf(view, origins) : null
  // Aggregated columns are checked with their aggregations.
  if (columns === null || view.aggregates !== null) return
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  const allowed = columns.map(({ name }) => name).join(', ')
  const check = (within: DiagnosticPath, column: Column, [missing, mismatch]: Codes): void => {
    const type = types.get(column.name)
    if (type === undefined) within.report(missing, show(column.name), { allowed })
    else if (type !== column.type)
      within.report(mismatch, show(column.type), { allowed: `'${type}', as in the source` })
  }
  for (const key of view.joinKeys)
    check(place.inside(`join key ${key.name}`), key, ['join-key-missing', 'join-key-mismatch'])
  for (const feature of view.features) check(place.inside(`feature ${feature.name}`), feature, COLUMN)
  check(place.inside('eventTimestamp'), { name: view.eventTimestamp, type: 'timestamp' }, COLUMN)
  if (view.createdTimestamp !== null)
    check(place.inside('createdTimestamp'), { name: view.createdTimestamp, type: 'timestamp' }, COLUMN)
}

type Codes = readonly ['join-key-missing' | 'column-missing', 'join-key-mismatch' | 'column-mismatch']
const COLUMN: Codes = ['column-missing', 'column-mismatch']

/** Null: the source declares no columns. */
function columnsOf({ origin }: ViewDraft, { sources, views }: Origins): readonly Column[] | null {
  if (origin === null) return null
  if (origin.kind === 'view') return historyColumns(views.get(origin.view))
  const declared = sources.get(origin.source)?.columns ?? []
  return declared.length === 0 ? null : declared
}

const historyColumns = (view: ViewDraft | undefined): readonly Column[] | null =>
  view === undefined
    ? null
    : [
        ...view.joinKeys,
        { name: 'event_timestamp', type: 'timestamp' },
        { name: 'created_timestamp', type: 'timestamp' },
        ...view.features,
      ]
