/** Generated expressions: each operator by itself, and trees of them. */
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
import { checkExpression } from '../../lib/expression/check-expression.ts'
import { COLUMN_EDGES, EDGES, FEW } from './expression-values.ts'
import type { Random } from './random.ts'

/** An operator with arguments of certain types. */
export interface Use {
  readonly op: Operator
  readonly types: readonly ExpressionType[]
  readonly result: ExpressionType
}

const ARGUMENTS = ['a', 'b', 'c'] as const
const MAX_ARGUMENTS = 3

/** What a generated case is: expressions over rows of columns. */
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

/** All operators with all types that they take. */
export const USES: readonly Use[] = OPERATORS.flatMap(op =>
  Array.from({ length: MAX_ARGUMENTS }, (_, i) => combinations(i + 1))
    .flat()
    .flatMap(types => {
      const checked = checkExpression(useOf(op, types), columnsOf(types))
      return checked.mistakes === undefined ? [{ op, types, result: checked.type }] : []
    }),
)

/** One use over all combinations of values at the edges. */
export function useCase({ op, types }: Use): ExpressionCase {
  const edges = types.length === MAX_ARGUMENTS ? FEW : EDGES
  const rows = types.reduce<readonly (readonly Value[])[]>(
    (sofar, type) => sofar.flatMap(row => edges[type].map(value => [...row, value])),
    [[]],
  )
  return { columns: columnsOf(types), expressions: [useOf(op, types)], rows }
}

/** A column of each type. */
const COLUMNS: Readonly<Record<string, ColumnType>> = Object.fromEntries(
  Object.keys(COLUMN_EDGES).map(type => [`of_${type}`, type as ColumnType]),
)

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

function anyLiteral(r: Random, type: ExpressionType): Expression {
  const value = r.pick(EDGES[type].filter(edge => typeof edge !== 'number' || Number.isFinite(edge)))
  if (value === null || typeof value === 'boolean') return { op: 'literal', type, value }
  return { op: 'literal', type, value: Object.is(value, -0) ? '-0' : String(value) }
}
