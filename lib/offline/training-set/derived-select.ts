/**
 * Derived features in SQL. Each level is a SELECT over the previous one, and adds the derived features whose inputs
 * are available.
 */

import { compileSql } from '../../expression/compile-sql.ts'
import type { DerivedPlan, ServiceColumn, ServicePlan } from '../../plan/plan.ts'
import { columnType, type Dialect, lines, quote } from '../../sql/dialect.ts'
import { columnOf } from '../visible-rows.ts'

export interface DerivedSelectInput {
  readonly dialect: Dialect
  /** The service. Its view references must include every feature that its derived features read. */
  readonly service: Pick<ServicePlan, 'uses' | 'derived'>
  /** A SELECT of the features of the views and of the request values. */
  readonly rows: string
  /** The name of a feature in `rows` and in the result. */
  readonly nameOf: (column: ServiceColumn) => string
  /** The columns of the result before the derived features. */
  readonly columns: readonly string[]
  /** A column to order by; null for any order. */
  readonly order: string | null
}

const JOINED = 'quern_joined'
/** No column can have this name. If a column were named `t`, Trino would read `t.x` as a field of it. */
const ROW = 'quern_row'

export function derivedSelect({ dialect, service, rows, ...input }: DerivedSelectInput): string {
  const { nameOf, columns, order } = input
  const names = new Map(
    [...service.uses.flatMap(use => use.features), ...service.derived].map(one => [
      one.fullName,
      nameOf(one),
    ]),
  )
  const reference = (name: string): string => columnOf(ROW, names.get(name) ?? name)
  const selected = ({ expression, from, type, ...column }: DerivedPlan): string => {
    const types = Object.fromEntries(from.map(one => [one.name, one.type]))
    const value = compileSql({ dialect, expression, columns: types, reference })
    return `cast(${value} as ${columnType(dialect, type)}) as ${quote(nameOf({ type, ...column }))}`
  }
  const levels = levelsOf(service.derived).map((level, i) => {
    const from = i === 0 ? JOINED : levelName(i)
    return `${levelName(i + 1)} as (\n  select ${lines([`${ROW}.*`, ...level.map(selected)], '    ')}\n  from ${from} ${ROW}\n)`
  })
  const all = [...columns, ...service.derived.map(nameOf)].map(name => columnOf(ROW, name))
  const ctes = [`${JOINED} as (\n${rows}\n)`, ...levels].join(',\n')
  const ordered = order === null ? '' : `\norder by ${columnOf(ROW, order)}`
  return `with ${ctes}\nselect ${lines(all)}\nfrom ${levelName(levels.length)} ${ROW}${ordered}`
}

const levelName = (i: number): string => `quern_derived_${i}`

/** The first level reads no other derived feature. Each further level reads only earlier levels. */
function levelsOf(derived: readonly DerivedPlan[]): readonly (readonly DerivedPlan[])[] {
  const depths = new Map<string, number>()
  const levels: DerivedPlan[][] = []
  for (const one of derived) {
    const depth = Math.max(0, ...one.from.map(({ name }) => (depths.get(name) ?? -1) + 1))
    depths.set(one.fullName, depth)
    const level = levels[depth]
    if (level === undefined) levels[depth] = [one]
    else level.push(one)
  }
  return levels
}
