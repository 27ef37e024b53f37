/**
 * The views for analysts: two views in the catalogue for each feature view, over the table of its newest version.
 * `<view>` has the latest row of each entity at the instant of the query. For an aggregate view, it has the windows
 * at that instant. `<view>_history` has all rows, or all events of an aggregate view. Both have the join keys, the
 * two timestamps and the features. They exclude the internal columns `quern_batch`, `quern_sequence` and `row_hash`,
 * and the marker rows of batches.
 */
import { adHocService } from '../../plan/ad-hoc-service.ts'
import { type Plan, relationsOf, type ViewPlan } from '../../plan/plan.ts'
import { lines, NOW, quote, trino } from '../../sql/dialect.ts'
import { queryName } from '../iceberg.ts'
import { latestRows } from '../materialize/latest-rows.ts'
import { EVENT, ROW_HASH, tableColumns } from '../table.ts'
import { pointInTimeJoin, SPINE_ROW } from '../training-set/point-in-time-join.ts'

/** The newest version of each view, in the order of the plan. */
export const newestVersions = (plan: Plan): readonly ViewPlan[] => {
  const views = Object.values(plan.views)
  return views.filter(view => views.every(other => other.name !== view.name || other.version <= view.version))
}

export interface AnalystView {
  readonly name: string
  /** The statement for Athena that creates or replaces the view. */
  readonly sql: string
}

/** Returns `<view>` and `<view>_history`. Neither reads the other, so each can be replaced on its own. */
export function analystViews(view: ViewPlan, database: string): readonly AnalystView[] {
  const { table, newest, history } = relationsOf(view)
  const rows = queryName({ database, table })
  const columns = lines(
    tableColumns(view)
      .filter(({ name }) => name !== ROW_HASH)
      .map(({ name }) => quote(name)),
  )
  const make = (name: string, query: string): AnalystView => ({
    name,
    sql: `create or replace view ${queryName({ database, table: name })} as\n${query}`,
  })
  return [
    make(
      newest,
      view.aggregates === null
        ? `select ${columns}\nfrom (\n${latestRows({ view, rows, to: null })}\n) n`
        : windowsNow(view, rows),
    ),
    make(history, `select ${columns}\nfrom ${rows}\nwhere ${quote(EVENT)} is not null`),
  ]
}

/** The windows at the instant of the query, for each entity with at least one event. */
function windowsNow(view: ViewPlan, rows: string): string {
  const views = { [view.key]: view }
  const service = adHocService(
    { views },
    view.features.map(({ name }) => `${view.key}:${name}`),
  )
  if ('unknown' in service) throw new Error(`view ${view.key} has no feature ${service.unknown}`)
  const keys = view.joinKeys.map(({ name }) => name)
  const present = keys.map(one => `${quote(one)} is not null`).join(' and ')
  return pointInTimeJoin({
    dialect: trino,
    plan: { views },
    service,
    spine: `(
    select k.*, 1 as ${SPINE_ROW}, ${NOW} as ${quote(EVENT)}
    from (select distinct ${keys.map(quote).join(', ')} from ${rows} where ${present}) k
  )`,
    spineColumns: [...keys, EVENT],
    tables: { [view.key]: rows },
  })
}
