/** Runs a generated case of windows on an engine, and compares the result. */

import type { Value } from '../../lib/definition/value-types.ts'
import { tableColumns } from '../../lib/offline/table.ts'
import { pointInTimeJoin, SPINE_ROW } from '../../lib/offline/training-set/point-in-time-join.ts'
import { spineNeeds } from '../../lib/offline/training-set/spine.ts'
import { type Column, viewOf } from '../../lib/plan/plan.ts'
import type { Dialect } from '../../lib/sql/dialect.ts'
import { eventsOf, type WindowCase } from './generate-windows.ts'
import type { SpineRow } from './naive.ts'
import { type NaiveEvent, naiveWindow } from './naive-windows.ts'
import { rowsSelect } from './sql-values.ts'

const spineColumns = ({ service }: WindowCase): readonly Column[] => [
  ...spineNeeds([service]),
  { name: 'label', type: 'int64' },
]

export function windowSpine(dialect: Dialect, made: WindowCase): string {
  const columns = spineColumns(made)
  const rows = made.spine.map((row, i) => [BigInt(i), ...columns.map(({ name }) => row[name] ?? null)])
  return rowsSelect(dialect, [{ name: SPINE_ROW, type: 'int64' }, ...columns], rows)
}

const identity = (event: NaiveEvent): string =>
  JSON.stringify([...Object.values(event.keys).map(String), String(event.event), event.id])

/** The events of a view as in its table: each event once, with its first content. */
export function windowTable(dialect: Dialect, made: WindowCase, key: string): string {
  const view = viewOf(made.plan, key)
  const columns = tableColumns(view)
  const once = new Map(eventsOf(view, made.events).map(event => [identity(event), event]))
  const rows = [...once.values()].map(event => columns.map(({ name }) => cellOf(event, name)))
  return rowsSelect(dialect, columns, rows)
}

function cellOf(event: NaiveEvent, column: string): Value {
  if (column === 'event_timestamp') return event.event
  if (column === 'created_timestamp') return event.created
  if (column === 'quern_event') return event.id
  return column === 'row_hash' ? 'hash' : (event.keys[column] ?? event.values[column] ?? null)
}

export interface WindowTables {
  readonly spine: string
  readonly tables: Readonly<Record<string, string>>
  /** With 0, every sum uses running totals. */
  readonly pairsPerMark: number
}

export function windowJoin(
  dialect: Dialect,
  made: WindowCase,
  { spine, tables, pairsPerMark }: WindowTables,
): string {
  const { plan, service, asOf, asKnown } = made
  const instants = made.spine.flatMap(row => {
    const at = row['event_timestamp']
    return typeof at === 'bigint' ? [at] : []
  })
  const [first, last] = [instants.reduce(least, instants[0] ?? 0n), instants.reduce(most, instants[0] ?? 0n)]
  return pointInTimeJoin({
    dialect,
    plan,
    service,
    spine,
    spineColumns: [SPINE_ROW, ...spineColumns(made).map(({ name }) => name)],
    tables,
    bounds: instants.length === 0 ? null : { first, last },
    ordered: true,
    pairsPerMark,
    asOf,
    asKnown,
  })
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** The training set of the oracle. */
export function naiveWindows(made: WindowCase): readonly SpineRow[] {
  const { plan, service, takes, events } = made
  return made.spine.map((row, i) => {
    const result: Record<string, Value> = { [SPINE_ROW]: BigInt(i) }
    for (const { name } of spineColumns(made)) result[name] = row[name] ?? null
    const t = row['event_timestamp'] as bigint | null
    for (const use of service.uses) {
      const view = viewOf(plan, use.view)
      const keys = use.joinKeys.map(({ name, from }) => [name, row[from] ?? null] as const)
      const isLookedAt = t !== null && keys.every(([, value]) => value !== null)
      const own = eventsOf(view, events).filter(event =>
        keys.every(([name, value]) => event.keys[name] === value),
      )
      for (const { name, feature } of use.features) {
        const window = view.aggregates?.windows.find(one => one.name === feature)
        if (window === undefined) throw new Error(`no window is named ${feature}`)
        result[name] = isLookedAt ? naiveWindow(view, window, own, t, made, takes) : null
      }
    }
    return result
  })
}
