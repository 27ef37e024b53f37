/** Compares the values of a shadow plan with the served values, by feature. */
import { type Column, columnsOf, type Part } from '../serving/merged-answer.ts'
import type { OnlineRequest } from '../serving/request.ts'

export interface Difference {
  /** The texts of the entity's join keys, in the order of the service. */
  readonly entity: readonly string[]
  /** The value as JSON, and the status. */
  readonly answered: readonly [string, string]
  readonly shadow: readonly [string, string]
}

export interface FeatureComparison {
  readonly compared: number
  readonly different: number
  /** The first difference. */
  readonly example: Difference | null
}

/** By the name of the feature in the response. A feature that the shadow lacks differs in every row. */
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

/** @param shadow the columns of the shadow, with one row for each row of the request */
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
