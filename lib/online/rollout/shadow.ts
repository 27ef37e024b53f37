/** What a shadow would have answered, beside what was answered: value by value, by feature. */
import { type Column, columnsOf, type Part } from '../serving/merged-answer.ts'
import type { OnlineRequest } from '../serving/request.ts'

export interface Difference {
  /** Of the entity: texts of its join keys, in the order of the service's. */
  readonly entity: readonly string[]
  /** Value as JSON and status. */
  readonly answered: readonly [string, string]
  readonly shadow: readonly [string, string]
}

export interface FeatureComparison {
  readonly compared: number
  readonly different: number
  /** The first of them. */
  readonly example: Difference | null
}

/** By the feature's column in the answer. A feature that the shadow lacks is different in every row. */
export type Comparison = Readonly<Record<string, FeatureComparison>>

export interface Answered {
  readonly base: OnlineRequest
  readonly parts: readonly Part[]
  readonly nowMs: number
}

type Cell = readonly [value: string, status: string]

const cellAt = (column: Column | undefined, row: number): Cell => [
  column?.values[row] ?? 'null',
  column?.statuses[row] ?? 'NOT_FOUND',
]

const isSame = ([value, status]: Cell, other: Cell): boolean => value === other[0] && status === other[1]

/** @param shadow the shadow's columns, a row for each of the request's */
export function compareColumns(
  { base, parts, nowMs }: Answered,
  shadow: ReadonlyMap<string, Column>,
): Comparison {
  const answered = parts.map(part => ({ rows: part.rows, columns: columnsOf(part, nowMs) }))
  const compare = (name: string): FeatureComparison => {
    let [compared, different] = [0, 0]
    let example: Difference | null = null
    for (const { rows, columns } of answered)
      for (const [i, row] of rows.entries()) {
        const cells = { answered: cellAt(columns.get(name), i), shadow: cellAt(shadow.get(name), row) }
        compared++
        if (isSame(cells.answered, cells.shadow)) continue
        different++
        example ??= { entity: entityOf(base, row), ...cells }
      }
    return { compared, different, example }
  }
  return Object.fromEntries(base.service.names.map(name => [name, compare(name)]))
}

const entityOf = ({ service, columns }: OnlineRequest, row: number): readonly string[] =>
  service.joinKeys.map(({ text }, i) => text(columns[i]?.[row] ?? null))
