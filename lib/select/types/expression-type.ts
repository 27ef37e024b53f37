/** The type of an expression and of all expressions within it. */

import { CASTS } from '../casts.ts'
import { Refused } from '../refused.ts'
import type { AllItem, Binary, Expression, Query, SqlType } from '../select-tree.ts'
import { callType } from './call-type.ts'
import { type EngineType, elementOf, type Family, familyOf, nameOf } from './engine-type.ts'
import { type Columns, type Reference, resolve, type Scope } from './scope.ts'
import { meet, need, needCondition, needOneInterval, positionOf, type TypedExpression } from './type-rules.ts'

/** The results of the inference, which are filled during the walk. */
export interface Inference {
  readonly types: Map<Expression, EngineType | null>
  readonly references: Map<Expression, Reference>
  readonly stars: Map<AllItem, readonly (readonly string[])[]>
  /** The columns of a subquery. */
  readonly query: (query: Query, scope: Scope) => Columns
}

/** @throws {Refused} if Athena does not accept the names or types */
export function typeOf(expression: Expression, scope: Scope, inference: Inference): EngineType | null {
  const type = inferred(expression, scope, inference)
  inference.types.set(expression, type)
  return type
}

function inferred(found: Expression, scope: Scope, inference: Inference): EngineType | null {
  const of = (expression: Expression): TypedExpression => ({
    expression,
    type: typeOf(expression, scope, inference),
  })
  switch (found.kind) {
    case 'number':
      return numberType(found.text)
    case 'text':
      return 'VARCHAR'
    case 'constant':
      return found.value === 'null' ? 'NULL' : 'BOOLEAN'
    case 'instant':
      return found.type === 'date' ? 'DATE' : 'TIMESTAMP'
    case 'interval':
      return 'INTERVAL'
    case 'column':
      return columnType(found, scope, inference)
    case 'star':
      return null
    case 'unary':
      if (isLeastInteger(found)) return 'INTEGER'
      return unaryType(found.op, of(found.of))
    case 'binary':
      return binaryType(found, of(found.left), of(found.right))
    case 'is null':
      of(found.of)
      return 'BOOLEAN'
    case 'between':
      return compared('between', [found.of, found.low, found.high].map(of))
    case 'in list':
      return compared('in', [found.of, ...found.list].map(of))
    case 'like':
      for (const part of [found.of, found.pattern, found.escape])
        if (part !== null) need(of(part), ['varchar'], LIKE)
      return 'BOOLEAN'
    case 'in query': {
      const type = oneColumn(inference.query(found.query, scope), found.query)
      const values = [of(found.of), { expression: found.of, type }]
      for (const value of values) need(value, EXACT, IN_QUERY)
      return compared('in', values)
    }
    case 'exists':
      inference.query(found.query, scope)
      return 'BOOLEAN'
    case 'subquery':
      return oneColumn(inference.query(found.query, scope), found.query)
    case 'case':
      return caseType(found, of)
    case 'cast':
      return castType(found.type, of(found.of), found.at)
    case 'array':
      return arrayType(found.items.map(of))
    case 'subscript':
      need(of(found.index), ['integer'], { what: 'a[n] with n', instead: 'a whole number: a[1]' })
      return elementType(of(found.of))
    case 'lambda':
      return of(found.body).type
    case 'call':
      return callType(found, scope, inference)
  }
}

/** In Athena, whether NaN is in a list of rows depends on the query plan. */
const IN_QUERY = {
  what: 'in (select …)',
  instead: 'exists (select 1 from … where a = b): NaN is equal to nothing there',
}

const LIKE = { what: 'like', instead: "cast(… as varchar) like '…'" }

function numberType(text: string): EngineType {
  if (/e/i.test(text)) return 'DOUBLE'
  if (/^\d+$/.test(text)) return BigInt(text) < 2n ** 31n ? 'INTEGER' : 'BIGINT'
  return `DECIMAL(${text.length - 1},${text.length - 1 - text.indexOf('.')})`
}

/** The minimum integer: its digits without the sign are not an integer. */
export const isLeastInteger = ({ op, of }: Extract<Expression, { kind: 'unary' }>): boolean =>
  op === '-' && of.kind === 'number' && of.text === '2147483648'

function columnType(
  column: Extract<Expression, { kind: 'column' }>,
  scope: Scope,
  { references }: Inference,
): EngineType | null {
  const found = resolve(column, scope)
  if (found !== null) references.set(column, found.reference)
  return found?.type ?? null
}

function oneColumn({ known, isWhole }: Columns, { at }: Query): EngineType | null {
  if (isWhole && known.length !== 1)
    throw new Refused(`a subquery of ${known.length} columns as a value`, 'a SELECT of one column', at)
  return isWhole ? (known[0]?.type ?? null) : null
}

/** Arrays have no order here and cannot be compared for equality. */
const ORDERED: readonly Family[] = [
  'integer',
  'decimal',
  'floating',
  'varchar',
  'boolean',
  'date',
  'timestamp',
  'varbinary',
  'interval',
]

const EXACT = ORDERED.filter(family => family !== 'floating')

function compared(op: string, values: readonly TypedExpression[]): EngineType {
  for (const value of values)
    need(value, ORDERED, { what: `the comparison ${op}`, instead: 'the elements, or their array_join(…)' })
  meet(`the comparison ${op}`, values)
  needOneInterval(values.filter(({ type }) => type === 'INTERVAL').map(({ expression }) => expression))
  return 'BOOLEAN'
}

function caseType(
  { of: what, whens, otherwise }: Extract<Expression, { kind: 'case' }>,
  of: (expression: Expression) => TypedExpression,
): EngineType | null {
  const tests = whens.map(({ when }) => of(when))
  if (what === null) tests.forEach(needCondition)
  else compared('of case', [of(what), ...tests])
  return meet(
    'a case',
    [...whens.map(({ result }) => result), ...(otherwise === null ? [] : [otherwise])].map(of),
  )
}

const arrayType = (items: readonly TypedExpression[]): EngineType | null => {
  const element = items.length === 0 ? 'INTEGER' : meet('an array', items)
  return element === null ? null : `${element}[]`
}

function elementType(array: TypedExpression): EngineType | null {
  need(array, ['array'], { what: 'a[n] with a', instead: 'an array, or substr(…) of a text' })
  return array.type === null ? null : elementOf(array.type)
}

const ENGINE_TYPES: Readonly<Record<string, EngineType>> = { varbinary: 'BLOB', real: 'FLOAT' }

/** The DuckDB type of a cast. */
export function engineType({ name, numbers, element }: SqlType): EngineType {
  if (name === 'array' && element !== null) return `${engineType(element)}[]`
  if (name === 'decimal') return `DECIMAL(${numbers[0] ?? 38},${numbers[1] ?? 0})`
  return ENGINE_TYPES[name] ?? name.toUpperCase()
}

/** Families with the names of the table of casts. */
const CAST_FROM: Readonly<Partial<Record<Family, string>>> = { integer: 'bigint', floating: 'double' }

function castType(to: SqlType, { type }: TypedExpression, at: number): EngineType {
  const allowed = CASTS[to.name]?.from ?? []
  const family = type === null ? 'null' : familyOf(type)
  const from = CAST_FROM[family] ?? family
  if (type !== null && family !== 'null' && family !== 'other' && !allowed.includes(from))
    throw new Refused(`a cast of ${nameOf(type)} to ${to.name}`, castInstead(family, to.name, allowed), at)
  return engineType(to)
}

const castInstead = (from: Family, to: string, allowed: readonly string[]): string => {
  if (from === 'timestamp' && to === 'varchar') return "date_format(…, '%Y-%m-%d %H:%i:%s')"
  if (from === 'timestamp' && /int|double|decimal/.test(to)) return 'to_unixtime(…)'
  return `a cast to ${to} from ${allowed.join(', ')}`
}

const NUMBERS: readonly Family[] = ['integer', 'decimal', 'floating']

function unaryType(op: '-' | '+' | 'not', value: TypedExpression): EngineType | null {
  if (op === 'not') {
    needCondition(value)
    return 'BOOLEAN'
  }
  const families: readonly Family[] = op === '-' ? [...NUMBERS, 'interval'] : NUMBERS
  need(value, families, { what: `the sign ${op}`, instead: `${op} of a number: cast it` })
  return value.type
}

const ARITHMETIC: ReadonlySet<Family> = new Set([...NUMBERS, 'null', 'other'])

/** The result type of `+`, `-`, `*`, `/`, `%` and `||`. Comparisons are boolean. */
function binaryType({ op, left, right }: Binary, a: TypedExpression, b: TypedExpression): EngineType | null {
  if (op === 'and' || op === 'or') {
    needCondition(a)
    needCondition(b)
    return 'BOOLEAN'
  }
  if (op === '||') return joinedType(a, b)
  if (!['+', '-', '*', '/', '%'].includes(op)) return compared(op, [a, b])
  if (a.type === null || b.type === null) return null
  const [one, other] = [familyOf(a.type), familyOf(b.type)]
  if (one === 'interval' || other === 'interval') return withInterval(op, a, b, [one, other])
  if (op === '-' && one === 'timestamp' && other === 'timestamp') return 'INTERVAL'
  if (!ARITHMETIC.has(one) || !ARITHMETIC.has(other))
    throw new Refused(
      `${nameOf(a.type)} ${op} ${nameOf(b.type)}`,
      instead(op, one, other),
      positionOf(left) || positionOf(right),
    )
  const common = meet(op, [a, b])
  return common !== null && familyOf(common) === 'decimal' ? 'DECIMAL(38,10)' : common
}

function joinedType(a: TypedExpression, b: TypedExpression): EngineType | null {
  for (const value of [a, b])
    need(value, ['varchar', 'array', 'varbinary'], {
      what: '||',
      instead: 'texts on both sides: cast(… as varchar)',
    })
  for (const { type, expression } of [a, b])
    if (type === 'NULL[]')
      throw new Refused(
        '|| of an array of nulls',
        'cast(array[null] as array(varchar))',
        positionOf(expression),
      )
  const type = meet('||', [a, b])
  // One known type is enough, because `||` needs both sides to be of one kind.
  return type ?? a.type ?? b.type
}

const instead = (op: string, a: string, b: string): string =>
  (a === 'date' || a === 'timestamp') && (op === '-' || op === '+')
    ? b === 'integer'
      ? "date_add('day', n, date), or date + interval '1' day * n"
      : "date_diff('day', from, to)"
    : 'numbers on both sides: cast them'

function withInterval(
  op: string,
  a: TypedExpression,
  b: TypedExpression,
  [one, other]: readonly [Family, Family],
): EngineType | null {
  const isBoth = one === 'interval' && other === 'interval'
  const beside = one === 'interval' ? b : a
  const families: readonly Family[] =
    op === '*' ? ['integer'] : op === '+' || (op === '-' && other === 'interval') ? ['date', 'timestamp'] : []
  if (isBoth && op !== '*') needOneInterval([a.expression, b.expression])
  else
    need({ ...beside, type: isBoth ? 'INTERVAL' : beside.type }, families, {
      what: `an interval with ${op}`,
      instead: "date + interval '1' day * n, of a whole number n",
    })
  if (op === '/' || op === '%')
    throw new Refused(`an interval ${op}`, "interval '1' hour * n", positionOf(a.expression))
  if (isBoth || op === '*') return 'INTERVAL'
  return beside.type !== null && familyOf(beside.type) === 'timestamp' ? 'TIMESTAMP' : beside.type
}
