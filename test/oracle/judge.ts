/** Runs a generated case on an engine, in its dialect, and compares the result. */

import { tableColumns } from '../../lib/offline/table.ts'
import {
  type PointInTimeJoinInput,
  pointInTimeJoin,
  SPINE_ROW,
} from '../../lib/offline/training-set/point-in-time-join.ts'
import { spineNeeds } from '../../lib/offline/training-set/spine.ts'
import { type Column, viewOf } from '../../lib/plan/plan.ts'
import type { Dialect } from '../../lib/sql/dialect.ts'
import type { Case } from './generate.ts'
import { type HistoryRow, type SpineRow, text } from './naive.ts'
import { rowsSelect } from './sql-values.ts'

const spineColumns = ({ service }: Case): readonly Column[] => [
  ...spineNeeds([service]),
  { name: 'label', type: 'int64' },
]

/** The spine of the case, numbered in order. */
export function spineSelect(dialect: Dialect, made: Case): string {
  const columns = spineColumns(made)
  const rows = made.spine.map((row, i) => [BigInt(i), ...columns.map(({ name }) => row[name] ?? null)])
  return rowsSelect(dialect, [{ name: SPINE_ROW, type: 'int64' }, ...columns], rows)
}

/** The history of a view, as in its offline table. */
export function historySelect(dialect: Dialect, { plan, histories }: Case, key: string): string {
  const columns = tableColumns(viewOf(plan, key))
  const rows = (histories[key] ?? []).map(row => columns.map(({ name }) => cellOf(row, name)))
  return rowsSelect(dialect, columns, rows)
}

function cellOf(row: HistoryRow, column: string) {
  if (column === 'event_timestamp') return row.event
  if (column === 'created_timestamp') return row.created
  return column === 'row_hash' ? row.hash : (row.keys[column] ?? row.features[column] ?? null)
}

export interface CaseJoinInput {
  readonly dialect: Dialect
  readonly made: Case
  /** SQL that follows FROM: the rows of {@link spineSelect}. */
  readonly spine: string
  /** The same for each view: the rows of {@link historySelect}. */
  readonly tables: Readonly<Record<string, string>>
  /** True if the result includes `spine_row`. @default false */
  readonly numbered?: boolean
}

/** The training set of the case, in the order of the spine as far as the engine keeps it. */
export const caseJoin = (input: CaseJoinInput): string => pointInTimeJoin(caseInput(input))

export function caseInput({
  dialect,
  made,
  spine,
  tables,
  numbered = false,
}: CaseJoinInput): PointInTimeJoinInput {
  const { plan, service, histories: _, spine: rows, ...options } = made
  const columns = spineColumns(made).map(column => column.name)
  return {
    dialect,
    plan,
    service,
    spine,
    spineColumns: numbered ? [SPINE_ROW, ...columns] : columns,
    tables,
    bounds: boundsOf(rows),
    ordered: true,
    ...options,
  }
}

function boundsOf(spine: readonly SpineRow[]) {
  const instants = spine
    .map(row => row['event_timestamp'])
    .filter(value => typeof value === 'bigint')
    .sort((a, b) => (a < b ? -1 : 1))
  const [first, last] = [instants[0], instants.at(-1)]
  return first === undefined || last === undefined ? null : { first, last }
}

const rowText = (row: SpineRow | undefined): string =>
  row === undefined
    ? 'no row'
    : Object.keys(row)
        .sort()
        .map(name => `${name}=${text(row[name] ?? null)}`)
        .join(' ')

export function firstDifference(expected: readonly SpineRow[], actual: readonly SpineRow[]): string | null {
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const [wanted, got] = [rowText(expected[i]), rowText(actual[i])]
    if (wanted !== got) return `row ${i}\n  oracle: ${wanted}\n  engine: ${got}`
  }
  return null
}

export const failure = (seed: number, made: Case, sql: string, difference: string): string =>
  `seed ${seed}: ${difference}\noptions: asOf=${made.asOf} asKnown=${made.asKnown}\nplan: ${JSON.stringify(made.plan)}\nSQL:\n${sql}`
