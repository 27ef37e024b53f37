/** Generated expressions: each operator alone, and trees of operators. */
import {
  type ColumnType,
  EXPRESSION_TYPES,
  type Expression,
  type ExpressionType,
  OPERATORS,
  type Operator,
  WIDENED,
} from '../../lib/definition/expression-data.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { checkExpression, MAX_DEPTH as DEEPEST } from '../../lib/expression/check-expression.ts'
import { COLUMN_EDGES, EDGES, FEW, isLiteral } from './expression-values.ts'
import type { Random } from './random.ts'

/** An operator with the types of its arguments. */
export interface Use {
  readonly op: Operator
  readonly types: readonly ExpressionType[]
  readonly result: ExpressionType
}

const ARGUMENTS = ['a', 'b', 'c'] as const
const MAX_ARGUMENTS = 3

/** A generated case: expressions over rows of columns. */
export interface ExpressionCase {
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly expressions: readonly Expression[]
  readonly rows: readonly (readonly Value[])[]
}

const columnsOf = (types: readonly ExpressionType[]) =>
  Object.fromEntries(types.map((type, i) => [ARGUMENTS[i] ?? '', type]))

const useOf = (op: Operator, types: readonly ExpressionType[]): Expression => ({
  op,
  args: types.map((_, i) => ({ op: 'column', name: ARGUMENTS[i] ?? '' })),
})

const combinations = (count: number): readonly (readonly ExpressionType[])[] =>
  count === 0 ? [[]] : combinations(count - 1).flatMap(rest => EXPRESSION_TYPES.map(type => [...rest, type]))

/** All operators with all types that they accept. */
export const USES: readonly Use[] = OPERATORS.flatMap(op =>
  Array.from({ length: MAX_ARGUMENTS }, (_, i) => combinations(i + 1))
    .flat()
    .flatMap(types => {
      const checked = checkExpression(useOf(op, types), columnsOf(types))
      return checked.mistakes === undefined ? [{ op, types, result: checked.type }] : []
    }),
)

/** An operator over all combinations of values at the limits. Three arguments use fewer values. */
export function useCase({ op, types }: Use, values = EDGES): ExpressionCase {
  const edges = types.length === MAX_ARGUMENTS ? FEW : values
  const rows = types.reduce<readonly (readonly Value[])[]>(
    (sofar, type) => sofar.flatMap(row => edges[type].map(value => [...row, value])),
    [[]],
  )
  return { columns: columnsOf(types), expressions: [useOf(op, types)], rows }
}

const COMPARISONS = ['equals', 'atMost', 'greaterThan'] as const satisfies readonly Operator[]

/** Compares the expressions of a case with literals, because engines evaluate some of these before the query runs. */
export function comparedCase(made: ExpressionCase, literals = FEW): ExpressionCase {
  const compare = (expression: Expression): readonly Expression[] => {
    const { type } = checkExpression(expression, made.columns) as { readonly type: ExpressionType }
    const known = literals[type].filter(isLiteral).map(value => literalOf(type, value))
    const operators = type === 'bool' ? COMPARISONS.slice(0, 1) : COMPARISONS
    return operators.flatMap(op => known.map(literal => ({ op, args: [expression, literal] })))
  }
  return { ...made, expressions: made.expressions.flatMap(compare) }
}

/** Operators that accept their own result. */
export const NESTING: readonly Use[] = USES.filter(({ types, result }) => types.includes(result))

/** An operator nested in itself to the greatest allowed depth. Its other arguments are columns. */
export function nestedCase({ op, types, result }: Use): ExpressionCase {
  const inner = types.indexOf(result)
  const columns = columnsOf(types)
  const leaves = types.map((_, i): Expression => ({ op: 'column', name: ARGUMENTS[i] ?? '' }))
  const nested = (depth: number): Expression =>
    depth === 1
      ? (leaves[inner] ?? { op: 'literal', type: result, value: null })
      : { op, args: leaves.map((leaf, i) => (i === inner ? nested(depth - 1) : leaf)) }
  const rows = [0, 1, 2, 3].map(i => types.map(type => FEW[type][i] ?? null))
  return { columns, expressions: [nested(DEEPEST)], rows }
}

/** A column of each type. */
const COLUMNS: Readonly<Record<string, ColumnType>> = Object.fromEntries(
  Object.keys(COLUMN_EDGES).map(type => [`of_${type}`, type as ColumnType]),
)

/** A reference to a column of each type, over the limits of the type. */
export const columnCases: readonly (ExpressionCase & { readonly name: string })[] = Object.entries(
  COLUMN_EDGES,
).map(([name, edges]) => ({
  name,
  columns: { a: name as ColumnType },
  expressions: [{ op: 'column', name: 'a' }],
  rows: edges.map(value => [value]),
}))

/** A literal of each value at the limits, in one row. */
export const literalCases: readonly (ExpressionCase & {
  readonly name: string
  readonly type: ExpressionType
})[] = EXPRESSION_TYPES.map(type => ({
  name: type,
  type,
  columns: {},
  expressions: EDGES[type].filter(isLiteral).map(value => literalOf(type, value)),
  rows: [[]],
}))

const MAX_DEPTH = 6
const TREES = 10
const ROWS = 40

/** Trees over a column of each type. */
export function anyTrees(r: Random): ExpressionCase {
  return {
    columns: COLUMNS,
    expressions: r.times(TREES, () => anyTree(r, r.pick(EXPRESSION_TYPES), 1 + r.below(MAX_DEPTH))),
    rows: r.times(ROWS, () => Object.values(COLUMNS).map(type => r.pick(COLUMN_EDGES[type]))),
  }
}

function anyTree(r: Random, type: ExpressionType, depth: number): Expression {
  if (depth === 0) return anyLeaf(r, type)
  const { op, types } = r.pick(USES.filter(use => use.result === type))
  const below = (argument: ExpressionType): Expression => anyTree(r, argument, r.below(depth))
  const cases = op === 'when' && r.chance(0.3) ? types.slice(0, 2).map(below) : []
  return { op, args: [...cases, ...types.map(below)] }
}

function anyLeaf(r: Random, type: ExpressionType): Expression {
  if (r.chance(0.3)) return anyLiteral(r, type)
  const names = Object.entries(COLUMNS).flatMap(([name, from]) => (WIDENED[from] === type ? [name] : []))
  return { op: 'column', name: r.pick(names) }
}

const anyLiteral = (r: Random, type: ExpressionType): Expression =>
  literalOf(type, r.pick(EDGES[type].filter(isLiteral)))

function literalOf(type: ExpressionType, value: Value): Expression {
  if (value === null || typeof value === 'boolean') return { op: 'literal', type, value }
  return { op: 'literal', type, value: Object.is(value, -0) ? '-0' : String(value) }
}
