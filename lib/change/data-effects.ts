/** The effect of changes on stored rows: new tables and columns, rows to compute again, and tables that stay. */

import { type Plan, relationsOf, type ViewPlan } from '../plan/plan.ts'
import { compareText } from '../text/by-name.ts'
import type { Change } from './change.ts'
import type { ChangeCode } from './change-table.ts'
import type { Lock } from './lock.ts'
import { readersOf } from './lock-users.ts'

export interface DataEffect {
  /** The key of the view. */
  readonly of: string
  /** The offline table of the view. */
  readonly table: string
  /** `kept`: the table of a retired version stays, for models that were trained on it. */
  readonly standing: 'new' | 'gets columns' | 'stays' | 'kept'
  /** Columns to add to the table, each as `name type`. */
  readonly columns: readonly string[]
  /** Null: no row is computed. */
  readonly backfill: Backfill | null
  /** `new rows`: the rows of the backfill; `all`: the newest row of each entity. */
  readonly online: 'nothing' | 'new rows' | 'all'
}

/**
 * Rows to compute: all rows that the source still has, because a training set may use any of them. If only some columns
 * are new, the other columns get the same values again. Rows that the source no longer has keep null in the new
 * columns.
 */
export interface Backfill {
  /** Features with new values. */
  readonly columns: readonly string[]
  /** The rows that serving needs: those of the last `servingMs` milliseconds; null: of all time. */
  readonly servingMs: number | null
}

/** Only for changes that are not refused; a refused change has no effect. */
export function dataEffects(changes: readonly Change[], plan: Plan, lock: Lock): readonly DataEffect[] {
  const codes = new Map<string, readonly Change[]>(
    Map.groupBy(
      changes.filter(({ of }) => of.kind === 'view'),
      ({ of }) => of.name,
    ),
  )
  const widened = new Set(
    [...codes].flatMap(([key, found]) => (hasCode(found, 'feature-added') ? readersOf(lock, key) : [])),
  )
  return [...new Set([...codes.keys(), ...widened])].sort(compareText).flatMap(key => {
    const found = codes.get(key) ?? []
    const view = Object.hasOwn(plan.views, key) ? plan.views[key] : undefined
    if (view !== undefined) return effectOn(view, found, widened.has(key))
    return hasCode(found, 'view-retired') ? [kept(key)] : []
  })
}

const hasCode = (changes: readonly Change[], ...codes: readonly ChangeCode[]): boolean =>
  changes.some(({ code }) => codes.includes(code))

function effectOn(view: ViewPlan, changes: readonly Change[], follows: boolean): readonly DataEffect[] {
  const { table } = relationsOf(view)
  const all = view.features.map(({ name }) => name)
  if (hasCode(changes, 'view-added', 'version-added'))
    return [{ of: view.key, table, standing: 'new', columns: typed(view), ...backfill(view, all) }]
  const added = all.filter(name =>
    changes.some(({ code, at }) => code === 'feature-added' && at === `feature ${name}`),
  )
  if (added.length > 0)
    return [
      {
        of: view.key,
        table,
        standing: 'gets columns',
        columns: typed(view).filter(column => added.includes(column.split(' ')[0] ?? '')),
        ...backfill(view, added),
      },
    ]
  if (follows) return [{ of: view.key, table, standing: 'stays', columns: [], ...backfill(view, []) }]
  if (!hasCode(changes, 'online-on')) return []
  return [{ of: view.key, table, standing: 'stays', columns: [], backfill: null, online: 'all' }]
}

/** The stored columns besides keys and timestamps: features, or the stored columns of events. */
const typed = ({ features, aggregates }: ViewPlan): readonly string[] =>
  (aggregates?.columns ?? features).map(({ name, type }) => `${name} ${type}`)

/** How far back serving needs rows: the ttl, or the longest window. */
const servingMs = ({ ttlMs, aggregates }: ViewPlan): number | null =>
  aggregates === null
    ? ttlMs
    : Math.max(...aggregates.windows.map(({ windowMs, tileMs }) => windowMs + tileMs))

const backfill = (view: ViewPlan, columns: readonly string[]): Pick<DataEffect, 'backfill' | 'online'> => ({
  backfill: { columns, servingMs: servingMs(view) },
  online: view.online ? 'new rows' : 'nothing',
})

function kept(key: string): DataEffect {
  const [name = '', version] = key.split('@')
  const { table } = relationsOf({ name, version: Number(version) })
  return { of: key, table, standing: 'kept', columns: [], backfill: null, online: 'nothing' }
}
