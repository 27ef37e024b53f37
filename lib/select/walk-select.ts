/** Walks all parts of a SELECT. */
import type { Body, Expression, Order, Query, Relation, Select, Window } from './select-tree.ts'

export type Part =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'table'; readonly table: Extract<Relation, { kind: 'table' }> }
  | {
      readonly kind: 'expression'
      readonly expression: Expression
      /** Whether the expression is within `round(…)`. */
      readonly isRounded: boolean
    }

/** Collects the results of `of` for each part, roughly in the order of the text. */
export function eachPart<T>(query: Query, of: (part: Part) => readonly T[]): readonly T[] {
  return partsOf(query).flatMap(of)
}

const partsOf = (query: Query): readonly Part[] => [
  ...query.with.flatMap(table => partsOf(table.query)),
  { kind: 'query', query },
  ...ofBody(query.body),
  ...query.orderBy.flatMap(ofOrder),
]

function ofBody(body: Body): readonly Part[] {
  switch (body.kind) {
    case 'select':
      return ofSelect(body)
    case 'values':
      return body.rows.flatMap(row => row.flatMap(ofExpression))
    case 'nested':
      return partsOf(body.query)
    case 'set':
      return [...ofBody(body.left), ...ofBody(body.right)]
  }
}

const ofSelect = ({ items, from, where, groupBy, having, windows }: Select): readonly Part[] => [
  ...items.flatMap(item => (item.kind === 'all' ? [] : ofExpression(item.value))),
  ...from.flatMap(ofRelation),
  ...optional(where),
  ...groupBy.flatMap(group =>
    group.kind === 'simple' ? ofExpression(group.by) : group.sets.flat().flatMap(ofExpression),
  ),
  ...optional(having),
  ...windows.flatMap(({ window }) => ofWindow(window)),
]

/** Calls ofExpression with one argument. */
const ofExpression = (expression: Expression): readonly Part[] => ofNested(expression, false)
const optional = (expression: Expression | null): readonly Part[] =>
  expression === null ? [] : ofExpression(expression)
const ofOrder = ({ by }: Order): readonly Part[] => ofExpression(by)

function ofRelation(relation: Relation): readonly Part[] {
  switch (relation.kind) {
    case 'table':
      return [{ kind: 'table', table: relation }]
    case 'query':
      return partsOf(relation.query)
    case 'unnest':
      return relation.arrays.flatMap(ofExpression)
    case 'join':
      return [...ofRelation(relation.left), ...ofRelation(relation.right), ...optional(relation.on)]
  }
}

const ofWindow = ({ partitionBy, orderBy, frame }: Window): readonly Part[] => [
  ...partitionBy.flatMap(ofExpression),
  ...orderBy.flatMap(ofOrder),
  ...optional(frame?.start.distance ?? null),
  ...optional(frame?.end?.distance ?? null),
]

function ofNested(expression: Expression, isRounded: boolean): readonly Part[] {
  const within = isRounded || (expression.kind === 'call' && expression.name === 'round')
  return [
    { kind: 'expression', expression, isRounded },
    ...childrenOf(expression).flatMap(child => ofNested(child, within)),
    ...queriesOf(expression).flatMap(partsOf),
    ...(expression.kind === 'call' && expression.over !== null ? ofWindow(expression.over) : []),
  ]
}

function queriesOf(found: Expression): readonly Query[] {
  return found.kind === 'in query' || found.kind === 'exists' || found.kind === 'subquery'
    ? [found.query]
    : []
}

const present = (...found: readonly (Expression | null)[]): readonly Expression[] =>
  found.filter(each => each !== null)

/** The direct child expressions of an expression. */
export function childrenOf(found: Expression): readonly Expression[] {
  switch (found.kind) {
    case 'unary':
    case 'is null':
    case 'cast':
    case 'in query':
      return [found.of]
    case 'binary':
      return [found.left, found.right]
    case 'between':
      return [found.of, found.low, found.high]
    case 'in list':
      return [found.of, ...found.list]
    case 'like':
      return present(found.of, found.pattern, found.escape)
    case 'case':
      return present(found.of, ...found.whens.flatMap(({ when, result }) => [when, result]), found.otherwise)
    case 'array':
      return found.items
    case 'subscript':
      return [found.of, found.index]
    case 'lambda':
      return [found.body]
    case 'call':
      return present(...found.args, ...found.orderBy.map(({ by }) => by), found.filter)
    default:
      return []
  }
}
