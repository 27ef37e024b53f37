/**
 * Translates a SELECT to DuckDB with Athena's semantics. Functions, operators and casts become macros of the schema
 * `trino` (lib/local/trino-macros.ts). Their overloads accept only the types that Athena accepts, and DuckDB's binder
 * checks them.
 */

import { FUNCTIONS } from '../functions/index.ts'
import type {
  Binary,
  Body,
  Expression,
  GroupBy,
  Item,
  Query,
  Relation,
  Select,
  SqlType,
} from '../select-tree.ts'
import { elementOf } from '../types/engine-type.ts'
import { engineType, isLeastInteger } from '../types/expression-type.ts'
import type { Types } from '../types/infer-types.ts'
import { duckdbAggregate } from './duckdb-aggregate.ts'
import { duckdbCall } from './duckdb-call.ts'
import { duckdbOrder, duckdbWindow } from './duckdb-window.ts'
import { quoted, type Typed, text, typedMacro } from './duckdb-words.ts'

export function duckdbQuery(query: Query, types: Types): string {
  const tables = query.with.map(
    ({ name, columns, query: inner }) =>
      `${quoted(name)}${namesOf(columns)} as (${duckdbQuery(inner, types)})`,
  )
  return [
    ...(tables.length === 0 ? [] : [`with ${tables.join(', ')}`]),
    body(query.body, types),
    ...(query.orderBy.length === 0
      ? []
      : [`order by ${query.orderBy.map(each => duckdbOrder(each, types)).join(', ')}`]),
    ...(query.limit === null ? [] : [`limit ${query.limit}`]),
    ...(query.offset === null ? [] : [`offset ${query.offset}`]),
  ].join(' ')
}

const namesOf = (columns: readonly string[]): string =>
  columns.length === 0 ? '' : `(${columns.map(quoted).join(', ')})`

function body(found: Body, types: Types): string {
  switch (found.kind) {
    case 'select':
      return select(found, types)
    case 'values':
      return `values ${found.rows.map(row => `(${row.map(each => duckdbExpression(each, types)).join(', ')})`).join(', ')}`
    case 'nested':
      return `(${duckdbQuery(found.query, types)})`
    case 'set':
      return `${operand(found.left, types)} ${found.op}${found.all ? ' all' : ''} ${operand(found.right, types)}`
  }
}

const operand = (found: Body, types: Types): string =>
  found.kind === 'set' ? `(${body(found, types)})` : body(found, types)

function select({ distinct, items, from, where, groupBy, having, windows }: Select, types: Types): string {
  return [
    `select${distinct ? ' distinct' : ''} ${items.map((each, i) => item(each, i, types)).join(', ')}`,
    ...(from.length === 0 ? [] : [`from ${from.map(each => relation(each, types)).join(', ')}`]),
    ...(where === null ? [] : [`where ${condition(where, types)}`]),
    ...(groupBy.length === 0 ? [] : [`group by ${groupBy.map(each => group(each, types)).join(', ')}`]),
    ...(having === null ? [] : [`having ${condition(having, types)}`]),
    ...(windows.length === 0
      ? []
      : [
          `window ${windows.map(({ name, window }) => `${quoted(name)} as ${duckdbWindow(window, types, true)}`).join(', ')}`,
        ]),
  ].join(' ')
}

/**
 * Lists `*` by name if the columns are known, because DuckDB orders USING columns differently. Expressions without a
 * name get the names that Trino gives them.
 */
function item(found: Item, position: number, types: Types): string {
  if (found.kind === 'all') {
    const all = found.of === null ? '*' : `${quoted(found.of)}.*`
    return types.stars.get(found)?.map(pathText).join(', ') ?? all
  }
  const { value, alias } = found
  if (alias === null && value.kind === 'column') return duckdbExpression(value, types)
  return `${duckdbExpression(value, types)} as ${quoted(alias ?? `_col${position}`)}`
}

function group(found: GroupBy, types: Types): string {
  if (found.kind === 'simple')
    return found.by.kind === 'number' ? found.by.text : duckdbExpression(found.by, types)
  const sets = found.sets
    .map(set => `(${set.map(each => duckdbExpression(each, types)).join(', ')})`)
    .join(', ')
  return `${found.kind} (${sets})`
}

function relation(found: Relation, types: Types): string {
  switch (found.kind) {
    case 'table':
      return `${found.path.map(quoted).join('.')}${aliasOf(found.alias)}`
    case 'query':
      return `${found.lateral ? 'lateral ' : ''}(${duckdbQuery(found.query, types)})${aliasOf(found.alias)}`
    case 'unnest':
      return unnested(found, types)
    case 'join': {
      const { type, left, right, on, using } = found
      const how = on === null ? namesOf(using).replace('(', 'using (') : `on ${condition(on, types)}`
      return `(${relation(left, types)} ${type} join ${relation(right, types)} ${how})`
    }
  }
}

const aliasOf = (alias: Extract<Relation, { kind: 'table' }>['alias']): string =>
  alias === null ? '' : ` as ${quoted(alias.name)}${namesOf(alias.columns)}`

/** Shorter arrays are padded with nulls; a null array has no rows. */
function unnested(
  { arrays, ordinality, alias }: Extract<Relation, { kind: 'unnest' }>,
  types: Types,
): string {
  const lists = arrays.map(each => duckdbExpression(each, types))
  const columns = lists.map((list, i) => `unnest(${list}) as "unnested ${i}"`)
  const longest = `greatest(${lists.map(list => `coalesce(len(${list}), 0)`).join(', ')})`
  const inner = `select ${[...columns, ...(ordinality ? [`unnest(range(1, ${longest} + 1)) as "unnested n"`] : [])].join(', ')}`
  return `lateral (${inner})${aliasOf(alias)}`
}

/** A condition must be boolean. The macro checks it, because DuckDB also accepts numbers. */
export function condition(found: Expression, types: Types): string {
  if (found.kind === 'binary' && (found.op === 'and' || found.op === 'or'))
    return duckdbExpression(found, types)
  return ['column', 'call', 'case', 'subquery', 'number', 'text', 'cast'].includes(found.kind)
    ? typedMacro('truth', [typed(found, types)])
    : duckdbExpression(found, types)
}

const pathText = (path: readonly string[]): string => path.map(quoted).join('.')

/** Qualified with its table, because DuckDB may resolve a plain name to an alias of the SELECT. */
function column(found: Extract<Expression, { kind: 'column' }>, types: Types): string {
  const reference = types.references.get(found)
  switch (reference?.kind) {
    case 'path':
      return pathText(reference.path)
    case 'position':
      return String(reference.position)
    case 'expression':
      return duckdbExpression(reference.expression, types)
    case undefined:
      return pathText(found.path)
  }
}

export function duckdbExpression(found: Expression, types: Types): string {
  switch (found.kind) {
    case 'number':
      return numberText(found.text)
    case 'text':
      return text(found.value)
    case 'constant':
      return found.value
    case 'instant':
      return `${found.type} ${text(found.value)}`
    case 'interval':
      return `to_${found.unit}s(${found.value})`
    case 'column':
      return column(found, types)
    case 'star':
      return '*'
    case 'unary':
      return found.op === 'not'
        ? `(not ${condition(found.of, types)})`
        : isLeastInteger(found)
          ? '(-2147483648)::integer'
          : signed(found.op, typed(found.of, types))
    case 'binary':
      return binary(found, types)
    case 'is null':
      return `(${duckdbExpression(found.of, types)} is ${found.not ? 'not ' : ''}null)`
    case 'between':
      return negated(
        found.not,
        `(${compared('>=', found.of, found.low, types)} and ${compared('<=', found.of, found.high, types)})`,
      )
    case 'in list':
      return negated(found.not, inList(found.of, found.list, types))
    case 'in query':
      return negated(found.not, inQuery(found.of, found.query, types))
    case 'like':
      return negated(found.not, like(found, types))
    case 'exists':
      return `exists (${duckdbQuery(found.query, types)})`
    case 'subquery':
      return `(${duckdbQuery(found.query, types)})`
    case 'case':
      return caseText(found, types)
    case 'cast':
      return castText(found, types)
    case 'array':
      return `[${found.items.map(each => duckdbExpression(each, types)).join(', ')}]`
    case 'subscript':
      return typedMacro('subscript', [typed(found.of, types), typed(found.index, types)])
    case 'lambda':
      return `lambda ${found.parameters.map(quoted).join(', ')}: ${duckdbExpression(found.body, types)}`
    case 'call':
      return FUNCTIONS.get(found.name)?.kind === 'scalar'
        ? duckdbCall(found, types)
        : duckdbAggregate(found, types)
  }
}

/** DuckDB gives a whole-number literal the narrowest type that fits, so the literal gets an explicit type. */
function numberText(written: string): string {
  if (!/^\d+$/.test(written)) return written
  return `${written}::${BigInt(written) < 2n ** 31n ? 'integer' : 'bigint'}`
}

/** DuckDB evaluates -0 to 0, which shows in a division. A multiplication by -1 keeps the sign. */
const signed = (op: '+' | '-', { sql, type }: Typed): string =>
  op === '-' && type === 'DOUBLE' ? `(${sql} * -1e0)` : `(${op} ${sql})`

const negated = (not: boolean, sql: string): string => (not ? `(not ${sql})` : sql)

/** The SQL of an expression with its type. */
export const typed = (found: Expression, types: Types): Typed => ({
  sql: duckdbExpression(found, types),
  type: types.types.get(found) ?? null,
})

const OPERATORS = {
  '+': 'plus',
  '-': 'minus',
  '*': 'times',
  '/': 'divide',
  '%': 'mod',
  '=': 'equal',
  '<>': 'unequal',
  '<': 'less',
  '<=': 'at_most',
  '>': 'greater',
  '>=': 'at_least',
  '||': 'concat',
  'is distinct from': 'distinct_from',
  'is not distinct from': 'not_distinct_from',
} as const

function binary({ op, left, right }: Binary, types: Types): string {
  if (op === 'and' || op === 'or') return `(${condition(left, types)} ${op} ${condition(right, types)})`
  return typedMacro(OPERATORS[op], [typed(left, types), typed(right, types)])
}

const compared = (op: Binary['op'], left: Expression, right: Expression, types: Types): string =>
  binary({ kind: 'binary', op, left, right }, types)

/**
 * One comparison per value. A long list of plain values stays an IN list, because none of its comparisons needs a
 * macro.
 */
function inList(of: Expression, list: readonly Expression[], types: Types): string {
  const [first] = list
  const arePlain =
    list.length > 4 &&
    list.every(({ kind }) => kind === first?.kind && (kind === 'text' || kind === 'number'))
  if (!arePlain || first === undefined)
    return `(${list.map(value => compared('=', of, value, types)).join(' or ')})`
  const value = typed(of, types)
  const values = list.map(each => duckdbExpression(each, types)).join(', ')
  return `(${value.sql} in (${values}) and ${typedMacro('comparable', [value, typed(first, types)])})`
}

const inQuery = (of: Expression, query: Query, types: Types): string =>
  `(${duckdbExpression(of, types)} in (${duckdbQuery(query, types)}))`

function like(found: Extract<Expression, { kind: 'like' }>, types: Types): string {
  const args = [found.of, found.pattern, ...(found.escape === null ? [] : [found.escape])]
  return typedMacro(
    'like',
    args.map(each => typed(each, types)),
  )
}

function caseText({ of, whens, otherwise }: Extract<Expression, { kind: 'case' }>, types: Types): string {
  const cases = whens.map(
    ({ when, result }) =>
      `when ${of === null ? condition(when, types) : compared('=', of, when, types)} then ${duckdbExpression(result, types)}`,
  )
  const rest = otherwise === null ? '' : ` else ${duckdbExpression(otherwise, types)}`
  return `case ${cases.join(' ')}${rest} end`
}

const castText = ({ of, type, isTry }: Extract<Expression, { kind: 'cast' }>, types: Types): string =>
  cast(typed(of, types), type, isTry ? 'try' : 'to')

function cast(value: Typed, { name, numbers, element }: SqlType, how: 'try' | 'to'): string {
  // DuckDB would make a null without a type an integer.
  if (value.type === 'NULL') return `cast(null as ${engineType({ name, numbers, element })})`
  if (name === 'array' && element !== null) {
    const inner = value.type === null ? null : elementOf(value.type)
    return `list_transform(${value.sql}, lambda e: ${cast({ sql: 'e', type: inner }, element, how)})`
  }
  if (name === 'decimal') {
    const decimal = `decimal(${numbers[0] ?? 38}, ${numbers[1] ?? 0})`
    const written = typedMacro(`${how}_decimal`, [value])
    return how === 'try' ? `try_cast(${written} as ${decimal})` : `cast(${written} as ${decimal})`
  }
  if (name === 'timestamp') return typedMacro(`${how}_timestamp_${numbers[0] ?? 3}`, [value])
  return typedMacro(`${how}_${name}`, [value])
}
