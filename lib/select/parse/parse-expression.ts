/** Parses expressions of a SELECT by precedence: or, and, not, comparisons, + -, * / %, signs, primary expressions. */
import { literalInstead, literalType } from '../literals.ts'
import { Refused } from '../refused.ts'
import { COMPARISONS, type Expression, INTERVAL_UNITS, type Query } from '../select-tree.ts'
import { parseCall, parseSpecialCall } from './parse-call.ts'
import { parseType } from './parse-type.ts'
import { listOf, type TokenReader } from './token-reader.ts'

/** The parsers of parts of an expression. */
export interface Inner {
  readonly reader: TokenReader
  readonly query: () => Query
  readonly expression: () => Expression
  /** An expression without comparisons, `and`, `or`. */
  readonly sum: () => Expression
}

const binary = (
  op: Extract<Expression, { kind: 'binary' }>['op'],
  left: Expression,
  right: Expression,
): Expression => ({
  kind: 'binary',
  op,
  left,
  right,
})
const negated = (not: boolean, of: Expression): Expression => (not ? { kind: 'unary', op: 'not', of } : of)

export function parseExpression(inner: Inner): Expression {
  let left = conjunction(inner)
  while (inner.reader.accept('or')) left = binary('or', left, conjunction(inner))
  return left
}

function conjunction(inner: Inner): Expression {
  let left = negation(inner)
  while (inner.reader.accept('and')) left = binary('and', left, negation(inner))
  return left
}

const negation = (inner: Inner): Expression =>
  inner.reader.accept('not') ? negated(true, negation(inner)) : predicate(inner)

/** Trino does not accept chains of comparisons, such as `a < b < c`. */
function predicate(inner: Inner): Expression {
  const left = inner.sum()
  const compared = comparison(inner, left)
  if (compared === null) return left
  const { reader } = inner
  if (COMPARISONS.some(op => reader.sees(op))) reader.refuse('parentheses around the comparison before it')
  return compared
}

function comparison(inner: Inner, left: Expression): Expression | null {
  const { reader } = inner
  for (const op of COMPARISONS) if (reader.accept(op)) return binary(op, left, inner.sum())
  if (reader.accept('is')) return isPredicate(inner, left)
  const { at } = reader.peek()
  const not = reader.accept('not')
  if (reader.accept('between')) {
    const low = inner.sum()
    reader.expect('and')
    return { kind: 'between', of: left, low, high: inner.sum(), not }
  }
  if (reader.accept('in')) return inPredicate(inner, left, not)
  if (reader.accept('like')) {
    const pattern = inner.sum()
    return { kind: 'like', of: left, pattern, escape: reader.accept('escape') ? inner.sum() : null, not, at }
  }
  if (reader.sees('ilike')) reader.refuse('lower(…) like …')
  return not ? reader.refuse('between, in or like after not') : null
}

function isPredicate({ reader, sum }: Inner, of: Expression): Expression {
  const not = reader.accept('not')
  if (reader.accept('null')) return { kind: 'is null', of, not }
  if (reader.accept('distinct', 'from'))
    return binary(not ? 'is not distinct from' : 'is distinct from', of, sum())
  return reader.refuse('is [not] null or is [not] distinct from')
}

function inPredicate(inner: Inner, of: Expression, not: boolean): Expression {
  const { reader } = inner
  reader.expect('(')
  const isQuery = reader.sees('select') || reader.sees('with') || reader.sees('values')
  const found: Expression = isQuery
    ? { kind: 'in query', of, query: inner.query(), not }
    : { kind: 'in list', of, list: listOf(reader, inner.expression), not }
  reader.expect(')')
  return found
}

/** `||` has the precedence of `+` in Trino. */
export function parseSum(inner: Inner): Expression {
  let left = product(inner)
  for (;;) {
    if (inner.reader.accept('+')) left = binary('+', left, product(inner))
    else if (inner.reader.accept('-')) left = binary('-', left, product(inner))
    else if (inner.reader.accept('||')) left = binary('||', left, product(inner))
    else return left
  }
}

function product(inner: Inner): Expression {
  let left = signed(inner)
  for (;;) {
    if (inner.reader.accept('*')) left = binary('*', left, signed(inner))
    else if (inner.reader.accept('/')) left = binary('/', left, signed(inner))
    else if (inner.reader.accept('%')) left = binary('%', left, signed(inner))
    else return left
  }
}

function signed(inner: Inner): Expression {
  if (inner.reader.accept('-')) return { kind: 'unary', op: '-', of: signed(inner) }
  if (inner.reader.accept('+')) return { kind: 'unary', op: '+', of: signed(inner) }
  return postfixed(inner, primary(inner))
}

function postfixed({ reader, expression }: Inner, of: Expression): Expression {
  let value = of
  while (reader.accept('[')) {
    value = { kind: 'subscript', of: value, index: expression() }
    reader.expect(']')
  }
  if (reader.sees('at', 'time', 'zone'))
    reader.refuse('instants without a zone, which are UTC; declare a source column with zones as timestamp')
  return value
}

function primary(inner: Inner): Expression {
  const { reader, expression, query } = inner
  const token = reader.peek()
  if (token.kind === 'number') return { kind: 'number', text: reader.take().value }
  if (token.kind === 'text') return { kind: 'text', value: reader.take().value }
  for (const value of ['null', 'true', 'false'] as const)
    if (reader.accept(value)) return { kind: 'constant', value }
  if (reader.accept('(')) {
    const isQuery = reader.sees('select') || reader.sees('with') || reader.sees('values')
    const value: Expression = isQuery ? { kind: 'subquery', query: query() } : expression()
    if (reader.sees(',')) reader.refuse('columns of their own: rows as values')
    reader.expect(')')
    return value
  }
  if (reader.accept('exists')) {
    reader.expect('(')
    const found: Expression = { kind: 'exists', query: query() }
    reader.expect(')')
    return found
  }
  if (reader.accept('case')) return parseCase(inner)
  if (reader.sees('array', '[')) return parseArray(inner)
  if (reader.sees('[')) return reader.refuse('array[…]')
  return literalOrCast(inner) ?? parseSpecialCall(inner) ?? nameOrCall(inner)
}

function parseCase({ reader, expression }: Inner): Expression {
  const of = reader.sees('when') ? null : expression()
  const whens: { when: Expression; result: Expression }[] = []
  while (reader.accept('when')) {
    const when = expression()
    reader.expect('then')
    whens.push({ when, result: expression() })
  }
  if (whens.length === 0) reader.refuse('when')
  const otherwise = reader.accept('else') ? expression() : null
  reader.expect('end')
  return { kind: 'case', of, whens, otherwise }
}

function parseArray({ reader, expression }: Inner): Expression {
  reader.expect('array', '[')
  const items = reader.sees(']') ? [] : listOf(reader, expression)
  reader.expect(']')
  return { kind: 'array', items }
}

/** A word followed by a text, or a cast. */
function literalOrCast(inner: Inner): Expression | null {
  const { reader } = inner
  const { value, kind, at } = reader.peek()
  if (kind !== 'word') return null
  if (value === 'cast' || value === 'try_cast') return parseCast(inner, value === 'try_cast')
  if (value === 'interval') return parseInterval(reader)
  if (reader.peek(1).kind !== 'text') return null
  if (value !== 'date' && value !== 'timestamp') return typedLiteral(reader)
  reader.take()
  return { kind: 'instant', type: value, value: reader.take().value, at }
}

/** `bigint '1'` is `cast('1' as bigint)`, with a text that every engine interprets alike. */
function typedLiteral(reader: TokenReader): Expression {
  const { value: word, at } = reader.take()
  const { value } = reader.take()
  const type = literalType(word, value)
  if (type === null) throw new Refused(`${word} '${value}'`, literalInstead(word), at)
  return { kind: 'cast', of: { kind: 'text', value }, type, isTry: false, at }
}

function parseCast({ reader, expression }: Inner, isTry: boolean): Expression {
  const { at } = reader.take()
  reader.expect('(')
  const of = expression()
  reader.expect('as')
  const type = parseType(reader)
  reader.expect(')')
  return { kind: 'cast', of, type, isTry, at }
}

function parseInterval(reader: TokenReader): Expression | null {
  const next = reader.peek(1)
  if (next.kind === 'number' || (next.kind === 'sign' && next.value === '(')) {
    reader.take()
    reader.refuse("interval '1' day * n: the number in quotes, times an expression")
  }
  if (next.kind !== 'text') return null
  const { at } = reader.take()
  const { value } = reader.take()
  const unit = INTERVAL_UNITS.find(word => reader.accept(word))
  if (unit === undefined) return reader.refuse(`one of the units ${INTERVAL_UNITS.join(', ')}`)
  if (reader.sees('to')) reader.refuse('a sum of intervals of one unit each')
  return { kind: 'interval', value, unit, at }
}

/** Parses `a`, `t.a`, `f(…)`, `x -> …`. */
function nameOrCall(inner: Inner): Expression {
  const { reader, expression } = inner
  const token = reader.peek()
  // A keyword of aggregates and also a function of arrays.
  const name = reader.sees('filter', '(') ? reader.take().raw : reader.name()
  if (name === null) return reader.refuse('an expression')
  if (reader.accept('->')) return { kind: 'lambda', parameters: [name], body: expression() }
  if (reader.sees('(')) return parseCall(inner, token)
  const path = [name]
  while (reader.accept('.')) path.push(reader.name() ?? reader.refuse('a column'))
  if (reader.sees('('))
    throw new Refused(`${path.join('.')}(…)`, 'one of the functions of docs/reference/sql.md', token.at)
  if (path.length > 2) throw new Refused(path.join('.'), 'table.column: no fields of structs', token.at)
  return { kind: 'column', path, at: token.at }
}
