/** Runs generated expressions on an engine, and compares the results with those of the function, bit for bit. */
import type { Expression } from '../../lib/definition/expression-data.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { compileFunction, type ExpressionRow } from '../../lib/expression/compile-function.ts'
import { compileSql } from '../../lib/expression/compile-sql.ts'
import type { OfflineEngine } from '../../lib/runtime.ts'
import { quote } from '../../lib/sql/dialect.ts'
import type { ExpressionCase } from './generate-expressions.ts'
import { rowsSelect } from './sql-values.ts'

type Engine = Pick<OfflineEngine, 'dialect' | 'rows'>
/** The result of each expression, for each row. */
type Answers = readonly (readonly Value[])[]

const inputs = ({ columns, rows }: ExpressionCase): readonly ExpressionRow[] => {
  const names = Object.keys(columns)
  return rows.map(row => Object.fromEntries(names.map((name, i) => [name, row[i] ?? null])))
}

/** The results of the functions. */
export function functionAnswers(made: ExpressionCase): Answers {
  const functions = made.expressions.map(expression => compileFunction(expression, made.columns))
  return inputs(made).map(row => functions.map(evaluate => evaluate(row)))
}

const NUMBER = 'row_number'

/** The results of an engine. */
export async function engineAnswers(engine: Engine, made: ExpressionCase): Promise<Answers> {
  const { dialect } = engine
  const { columns, expressions, rows } = made
  const reference = (name: string): string => `r.${quote(name)}`
  const values = expressions.map(
    (expression, i) => `${compileSql({ dialect, expression, columns, reference })} as e${i}`,
  )
  const typed = Object.entries(columns).map(([name, type]) => ({ name, type }))
  const numbered = rowsSelect(
    dialect,
    [{ name: NUMBER, type: 'int64' }, ...typed],
    rows.map((row, i) => [BigInt(i), ...row]),
  )
  const answers = await engine.rows(
    `select ${reference(NUMBER)} as n, ${values.join(', ')} from (${numbered}) r`,
  )
  return answers
    .toSorted((a, b) => Number(a['n']) - Number(b['n']))
    .map(row => expressions.map((_, i) => row[`e${i}`] ?? null))
}

export interface Difference {
  readonly expression: Expression
  readonly row: ExpressionRow
  readonly expected: Value
  readonly actual: Value
}

/** The first difference of each expression; -0 differs from 0. */
export const differences = (
  made: ExpressionCase,
  expected: Answers,
  actual: Answers,
): readonly Difference[] =>
  made.expressions.flatMap((expression, e) => {
    const r = made.rows.findIndex((_, i) => !Object.is(expected[i]?.[e], actual[i]?.[e]))
    const row = inputs(made)[r]
    if (row === undefined) return []
    return [{ expression, row, expected: expected[r]?.[e] ?? null, actual: actual[r]?.[e] ?? null }]
  })

const told = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  return value
}

/** All differences as text; empty if there are none. */
export const failure = (found: readonly Difference[]): readonly string[] =>
  found.map(difference => JSON.stringify(difference, told))
