/** Derived features in SQL: SELECTs over the rows of a join, each of which adds what the ones before it suffice for. */

import { compileSql } from '../../expression/compile-sql.ts'
import type { DerivedPlan, ServiceColumn, ServicePlan } from '../../plan/plan.ts'
import { columnType, type Dialect, lines, quote } from '../../sql/dialect.ts'
import { columnOf } from '../visible-rows.ts'

export interface DerivedSelectInput {
  readonly dialect: Dialect
  /** Its uses have all that is read. */
  readonly service: Pick<ServicePlan, 'uses' | 'derived'>
  /** A SELECT of the uses' features and of the request values. */
  readonly rows: string
  /** What a feature is called in it, and in the result. */
  readonly nameOf: (column: ServiceColumn) => string
  /** The columns of the result before the derived ones. */
  readonly columns: readonly string[]
  /** A column to order by; null: any order. */
  readonly order: string | null
}

const JOINED = 'quern_joined'
/** Named as no column can be: Trino takes `t.x` for a field of a column `t`. */
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

/** First those that are made of no other derived feature, then those that are made of these … */
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
