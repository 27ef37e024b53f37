/** The result type of a call, and the checks of its arguments and clauses. */

import { FUNCTIONS } from '../functions/index.ts'
import { Refused } from '../refused.ts'
import type { Call, Expression, Window } from '../select-tree.ts'
import { parseSignature, resultOf } from '../signatures.ts'
import { type EngineType, elementOf, nameOf } from './engine-type.ts'
import { type Inference, typeOf } from './expression-type.ts'
import type { Scope } from './scope.ts'
import { meet, need, needCondition, type TypedExpression } from './type-rules.ts'

export function callType(call: Call, scope: Scope, inference: Inference): EngineType | null {
  const isAggregate = FUNCTIONS.get(call.name)?.kind === 'aggregate' && call.over === null
  const within = isAggregate ? { ...scope, isAggregated: true } : scope
  const args = call.args.map(
    (expression): TypedExpression => ({
      expression,
      type:
        expression.kind === 'lambda'
          ? typeOf(expression, lambdaScope(call, expression, within, inference), inference)
          : typeOf(expression, within, inference),
    }),
  )
  if (call.filter !== null)
    needCondition({ expression: call.filter, type: typeOf(call.filter, within, inference) })
  for (const { by } of call.orderBy) typeOf(by, within, inference)
  if (call.over !== null) typeWindow(call.over, scope, inference)
  return resultOfCall(call, args)
}

export function typeWindow(
  { partitionBy, orderBy, frame }: Window,
  scope: Scope,
  inference: Inference,
): void {
  for (const each of [...partitionBy, ...orderBy.map(({ by }) => by)]) typeOf(each, scope, inference)
  for (const bound of [frame?.start, frame?.end])
    if (bound?.distance) typeOf(bound.distance, scope, inference)
}

/** The parameters of a lambda are elements of the array in the argument before it. */
function lambdaScope(
  { args }: Call,
  lambda: Extract<Expression, { kind: 'lambda' }>,
  scope: Scope,
  { types }: Inference,
): Scope {
  const array = args[0] === undefined ? null : (types.get(args[0]) ?? null)
  const element = array === null ? null : elementOf(array)
  const known = lambda.parameters.map(name => ({ name, type: element }))
  return { ...scope, sources: [{ alias: null, known, isWhole: true }], outer: scope }
}

const CONDITIONS: ReadonlySet<string> = new Set(['filter', 'any_match', 'all_match', 'none_match'])

function resultOfCall(call: Call, args: readonly TypedExpression[]): EngineType | null {
  const allowed = FUNCTIONS.get(call.name)
  if (allowed === undefined) return null
  const [first, second, third] = args
  if (call.name === 'count') return 'BIGINT'
  if (CONDITIONS.has(call.name) && second !== undefined)
    needCondition(second.type === 'NULL' ? { ...second, type: 'INTEGER' } : second)
  if (CONDITIONS.has(call.name)) return call.name === 'filter' ? (first?.type ?? null) : 'BOOLEAN'
  if (call.name === 'transform') return second?.type == null ? null : `${second.type}[]`
  if (call.name === 'min_by' || call.name === 'max_by') return first?.type ?? null
  if (call.name === 'lag' || call.name === 'lead' || call.name === 'nth_value') {
    if (second !== undefined) need(second, ['integer'], COUNT)
    return valueOrDefault(call, first, third)
  }
  const types = args.map(({ type }) => type)
  const result = resultOf(allowed.signatures, types)
  if (result !== 'refused') return result
  const got = types.map(type => (type === null ? '?' : nameOf(type))).join(', ')
  const takes = allowed.signatures
    .map(each => parseSignature(each))
    .map(({ parameters, isOpen }) => `${call.name}(${parameters.join(', ')}${isOpen ? ', …' : ''})`)
  throw new Refused(`${call.name}(${got})`, [...new Set(takes)].join(' or '), call.at)
}

/** DuckDB casts the default to the type of the value, and rounds it. */
function valueOrDefault(
  { name, at }: Call,
  value: TypedExpression | undefined,
  otherwise: TypedExpression | undefined,
): EngineType | null {
  const values = [value, otherwise].filter(each => each !== undefined)
  const type = meet(`${name}(…)`, values)
  const own = value?.type ?? null
  if (type !== null && own !== null && own !== type)
    throw new Refused(
      `${name}(…) of ${nameOf(own)} with a default of another type`,
      `${name}(cast(… as ${nameOf(type)}), …)`,
      at,
    )
  return own
}

const COUNT = { what: 'a count of rows', instead: 'a whole number' }
