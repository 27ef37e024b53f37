/** Runs a generated case of derived features on an engine, in its dialect. */

import type { Value } from '../../lib/definition/value-types.ts'
import { tableColumns } from '../../lib/offline/table.ts'
import { pointInTimeJoin, SPINE_ROW } from '../../lib/offline/training-set/point-in-time-join.ts'
import { spineNeeds } from '../../lib/offline/training-set/spine.ts'
import { type Column, viewOf } from '../../lib/plan/plan.ts'
import type { Dialect } from '../../lib/sql/dialect.ts'
import { type DerivedCase, NOW } from './generate-derived.ts'
import { rowsSelect } from './sql-values.ts'

/** The text of an event id, as in the table. */
export const idText = (id: number): string => `${String(id).length}:${id}`

const cellsOf = (columns: readonly Column[], row: Readonly<Record<string, Value>>): readonly Value[] =>
  columns.map(({ name }) => row[name] ?? null)

/** The training set of all requests in one SELECT. */
export function derivedJoinOf(dialect: Dialect, made: DerivedCase): string {
  const { plan, service, views, rows, events, asked } = made
  const relation = (columns: readonly Column[], of: readonly Readonly<Record<string, Value>>[]): string =>
    `(${rowsSelect(
      dialect,
      columns,
      of.map(row => cellsOf(columns, row)),
    )})`
  const row = ({ who, at }: { readonly who: string; readonly at: bigint }) => ({
    who,
    event_timestamp: at,
    row_hash: 'hash',
  })
  const spine: readonly Column[] = [{ name: SPINE_ROW, type: 'int64' }, ...spineNeeds([service])]
  return pointInTimeJoin({
    dialect,
    plan,
    service,
    spine: relation(
      spine,
      asked.map((one, i) => ({ ...one, [SPINE_ROW]: BigInt(i), event_timestamp: NOW })),
    ),
    spineColumns: [SPINE_ROW],
    tables: {
      [views.plain]: relation(
        tableColumns(viewOf(plan, views.plain)),
        rows.map(one => ({ ...row(one), ...one.values })),
      ),
      [views.events]: relation(
        tableColumns(viewOf(plan, views.events)),
        events.map(one => ({ ...row(one), quern_event: idText(one.id), ...one.values })),
      ),
    },
    ordered: true,
  })
}
