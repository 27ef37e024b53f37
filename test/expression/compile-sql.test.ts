/** The length of the SQL is linear in the size of the expression: no part is repeated. */
import { describe, expect, it } from '@jest/globals'
import { column } from 'quern'
import type { Expression } from '../../lib/definition/expression-data.ts'
import { compileSql } from '../../lib/expression/compile-sql.ts'
import { type Dialect, duckdb, quote, trino } from '../../lib/sql/dialect.ts'
import { NESTING, nestedCase, USES, type Use, useCase } from '../oracle/generate-expressions.ts'

const DIALECTS = [duckdb, trino]
const of = (uses: readonly Use[]) =>
  DIALECTS.flatMap(dialect =>
    uses.map(use => ({ dialect, use, name: `${dialect.name}: ${use.op}(${use.types.join(', ')})` })),
  )

describe('the SQL of an operator contains each argument once', () => {
  it.each(of(USES))('$name', ({ dialect, use }) => {
    const { columns, expressions } = useCase(use)
    const reference = (name: string): string => `«${name}»`
    const [sql = ''] = expressions.map(expression => compileSql({ dialect, expression, columns, reference }))
    expect(sql.match(/«\w»/g)?.toSorted()).toEqual(Object.keys(columns).map(reference))
  })
})

/** The part of the expression that is `depth` operators deeper. */
const within = (expression: Expression, depth: number): Expression =>
  depth === 0 || expression.op === 'column' || expression.op === 'literal'
    ? expression
    : within(expression.args.find(arg => arg.op === expression.op) ?? expression, depth - 1)

describe('the length of the SQL grows linearly with the nesting', () => {
  it.each(of(NESTING))('$name', ({ dialect, use }) => {
    const { columns, expressions } = nestedCase(use)
    const [deepest] = expressions
    if (deepest === undefined) throw new Error('no expression')
    const lengthAt = (depth: number): number =>
      compileSql({ dialect, expression: within(deepest, depth), columns, reference: quote }).length
    const steps = Array.from({ length: 60 }, (_, i) => lengthAt(i) - lengthAt(i + 1))
    expect(new Set(steps).size).toBe(1)
  })
})

it.each<readonly [string, Dialect, string]>([
  [
    'duckdb',
    duckdb,
    `(list_filter([list_filter([cast("delay" as double)], lambda quern_e: isfinite(quern_e))[1] / cast('60' as double)], lambda quern_e: isfinite(quern_e))[1] > cast('-0.5' as double))`,
  ],
  [
    'trino',
    trino,
    `(element_at(filter(array[element_at(filter(array[cast("delay" as double)], quern_e -> is_finite(quern_e)), 1) / cast('60' as double)], quern_e -> is_finite(quern_e)), 1) > cast('-0.5' as double))`,
  ],
])('reads as it does: %s', (_, dialect, sql) => {
  const { expression, columns } = column('delay', 'float32').dividedBy(60).greaterThan(-0.5)
  expect(compileSql({ dialect, expression, columns, reference: quote })).toBe(sql)
})
