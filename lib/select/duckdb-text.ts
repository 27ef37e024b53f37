/**
 * A SELECT in DuckDB's words, with Athena's meaning. Functions, operators and casts become macros of the schema `trino`
 * (lib/local/trino-macros.ts), whose overloads take only the types that Athena takes: DuckDB's binder checks them.
 */
import { duckdbAggregate } from './duckdb-aggregate.ts'
import { duckdbCall } from './duckdb-call.ts'
import { duckdbOrder, duckdbWindow } from './duckdb-window.ts'
import { macro, quoted, text, typedMacro } from './duckdb-words.ts'
import { FUNCTIONS } from './functions/index.ts'
import type { Binary, Body, Expression, GroupBy, Item, Query, Relation, Select, SqlType } from './select-tree.ts'

export function duckdbQuery(query: Query): string {
  const tables = query.with.map(
    ({ name, columns, query: inner }) => `${quoted(name)}${namesOf(columns)} as (${duckdbQuery(inner)})`,
  )
  return [
    ...(tables.length === 0 ? [] : [`with ${tables.join(', ')}`]),
    body(query.body),
    ...(query.orderBy.length === 0 ? [] : [`order by ${query.orderBy.map(duckdbOrder).join(', ')}`]),
    ...(query.limit === null ? [] : [`limit ${query.limit}`]),
    ...(query.offset === null ? [] : [`offset ${query.offset}`]),
  ].join(' ')
}

const namesOf = (columns: readonly string[]): string =>
  columns.length === 0 ? '' : `(${columns.map(quoted).join(', ')})`

function body(found: Body): string {
  switch (found.kind) {
    case 'select':
      return select(found)
    case 'values':
      return `values ${found.rows.map(row => `(${row.map(duckdbExpression).join(', ')})`).join(', ')}`
    case 'nested':
      return `(${duckdbQuery(found.query)})`
    case 'set':
      return `${operand(found.left)} ${found.op}${found.all ? ' all' : ''} ${operand(found.right)}`
  }
}

const operand = (found: Body): string => (found.kind === 'set' ? `(${body(found)})` : body(found))

function select({ distinct, items, from, where, groupBy, having, windows }: Select): string {
  return [
    `select${distinct ? ' distinct' : ''} ${items.map(item).join(', ')}`,
    ...(from.length === 0 ? [] : [`from ${from.map(relation).join(', ')}`]),
    ...(where === null ? [] : [`where ${condition(where)}`]),
    ...(groupBy.length === 0 ? [] : [`group by ${groupBy.map(group).join(', ')}`]),
    ...(having === null ? [] : [`having ${condition(having)}`]),
    ...(windows.length === 0
      ? []
      : [`window ${windows.map(({ name, window }) => `${quoted(name)} as ${duckdbWindow(window, true)}`).join(', ')}`]),
  ].join(' ')
}

/** Trino has names of its own for what has none. */
function item(found: Item, position: number): string {
  if (found.kind === 'all') return found.of === null ? '*' : `${quoted(found.of)}.*`
  const { value, alias } = found
  if (alias === null && value.kind === 'column') return duckdbExpression(value)
  return `${duckdbExpression(value)} as ${quoted(alias ?? `_col${position}`)}`
}

function group(found: GroupBy): string {
  if (found.kind === 'simple') return found.by.kind === 'number' ? found.by.text : duckdbExpression(found.by)
  const sets = found.sets.map(set => `(${set.map(duckdbExpression).join(', ')})`).join(', ')
  return `${found.kind} (${sets})`
}

function relation(found: Relation): string {
  switch (found.kind) {
    case 'table':
      return `${found.path.map(quoted).join('.')}${aliasOf(found.alias)}`
    case 'query':
      return `${found.lateral ? 'lateral ' : ''}(${duckdbQuery(found.query)})${aliasOf(found.alias)}`
    case 'unnest':
      return unnested(found)
    case 'join': {
      const { type, left, right, on, using } = found
      const how = on === null ? namesOf(using).replace('(', 'using (') : `on ${condition(on)}`
      return `(${relation(left)} ${type} join ${relation(right)} ${how})`
    }
  }
}

const aliasOf = (alias: Extract<Relation, { kind: 'table' }>['alias']): string =>
  alias === null ? '' : ` as ${quoted(alias.name)}${namesOf(alias.columns)}`

/** Arrays of different lengths are filled up with nulls; a null array has no rows. */
function unnested({ arrays, ordinality, alias }: Extract<Relation, { kind: 'unnest' }>): string {
  const lists = arrays.map(duckdbExpression)
  const columns = lists.map((list, i) => `unnest(${list}) as u${i}`)
  const longest = `greatest(${lists.map(list => `coalesce(len(${list}), 0)`).join(', ')})`
  const inner = `select ${[...columns, ...(ordinality ? [`unnest(range(1, ${longest} + 1)) as n`] : [])].join(', ')}`
  return `lateral (${inner})${aliasOf(alias)}`
}

/** What stands for true or false must be boolean: DuckDB takes numbers too. */
export function condition(found: Expression): string {
  if (found.kind === 'binary' && (found.op === 'and' || found.op === 'or')) return duckdbExpression(found)
  return ['column', 'call', 'case', 'subquery', 'number', 'text', 'cast'].includes(found.kind)
    ? macro('truth', [duckdbExpression(found)])
    : duckdbExpression(found)
}

export function duckdbExpression(found: Expression): string {
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
      return found.path.map(quoted).join('.')
    case 'star':
      return '*'
    case 'unary':
      return found.op === 'not' ? `(not ${condition(found.of)})` : `(${found.op} ${duckdbExpression(found.of)})`
    case 'binary':
      return binary(found)
    case 'is null':
      return `(${duckdbExpression(found.of)} is ${found.not ? 'not ' : ''}null)`
    case 'between':
      return negated(found.not, `(${compared('>=', found.of, found.low)} and ${compared('<=', found.of, found.high)})`)
    case 'in list':
      return negated(found.not, inList(found.of, found.list))
    case 'in query':
      return negated(found.not, inQuery(found.of, found.query))
    case 'like':
      return negated(found.not, like(found))
    case 'exists':
      return `exists (${duckdbQuery(found.query)})`
    case 'subquery':
      return `(${duckdbQuery(found.query)})`
    case 'case':
      return caseText(found)
    case 'cast':
      return castText(found)
    case 'array':
      return `[${found.items.map(duckdbExpression).join(', ')}]`
    case 'subscript':
      return macro('subscript', [duckdbExpression(found.of), duckdbExpression(found.index)])
    case 'lambda':
      return `lambda ${found.parameters.map(quoted).join(', ')}: ${duckdbExpression(found.body)}`
    case 'call':
      return FUNCTIONS.get(found.name)?.kind === 'scalar' ? duckdbCall(found) : duckdbAggregate(found)
  }
}

/** DuckDB gives a whole number in the text the narrowest type that fits what stands beside it. */
function numberText(written: string): string {
  if (!/^\d+$/.test(written)) return written
  return `${written}::${BigInt(written) < 2n ** 31n ? 'integer' : 'bigint'}`
}

const negated = (not: boolean, sql: string): string => (not ? `(not ${sql})` : sql)

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

/** Of these, macros know the types by a second pair of arguments: a typed argument would lose a decimal's digits. */
const BY_TYPE: ReadonlySet<string> = new Set(['divide', 'mod', 'equal', 'unequal', 'less', 'at_most', 'greater', 'at_least', 'distinct_from', 'not_distinct_from'])

function binary({ op, left, right }: Binary): string {
  if (op === 'and' || op === 'or') return `(${condition(left)} ${op} ${condition(right)})`
  const name = OPERATORS[op]
  const args = [duckdbExpression(left), duckdbExpression(right)]
  return BY_TYPE.has(name) ? typedMacro(name, args) : macro(name, args)
}

const compared = (op: Binary['op'], left: Expression, right: Expression): string =>
  binary({ kind: 'binary', op, left, right })

/** As many comparisons; a long list of plain values as it is, since no comparison among them is a special one. */
function inList(of: Expression, list: readonly Expression[]): string {
  const [first] = list
  const arePlain = list.length > 4 && list.every(({ kind }) => kind === first?.kind && (kind === 'text' || kind === 'number'))
  if (!arePlain || first === undefined) return `(${list.map(value => compared('=', of, value)).join(' or ')})`
  const value = duckdbExpression(of)
  return `(${value} in (${list.map(duckdbExpression).join(', ')}) and ${typedMacro('comparable', [value, duckdbExpression(first)])})`
}

/** NaN is equal to nothing. */
const inQuery = (of: Expression, query: Query): string =>
  `(${duckdbExpression(of)} in (select c from (${duckdbQuery(query)}) as q(c) where ${macro('is_number', ['c'])}))`

function like({ of, pattern, escape }: Extract<Expression, { kind: 'like' }>): string {
  const args = [duckdbExpression(of), duckdbExpression(pattern)]
  return macro('like', escape === null ? args : [...args, duckdbExpression(escape)])
}

function caseText({ of, whens, otherwise }: Extract<Expression, { kind: 'case' }>): string {
  const cases = whens.map(
    ({ when, then }) =>
      `when ${of === null ? condition(when) : compared('=', of, when)} then ${duckdbExpression(then)}`,
  )
  const rest = otherwise === null ? '' : ` else ${duckdbExpression(otherwise)}`
  return `case ${cases.join(' ')}${rest} end`
}

function castText({ of, type, isTry }: Extract<Expression, { kind: 'cast' }>): string {
  const value = cast(duckdbExpression(of), type)
  return isTry ? `try(${value})` : value
}

function cast(value: string, { name, numbers, element }: SqlType): string {
  if (name === 'array' && element !== null) return `list_transform(${value}, lambda e: ${cast('e', element)})`
  if (name === 'decimal') {
    const [precision = 38, scale = 0] = numbers
    return `${macro('to_decimal', [value, value, `${scale}`])}::decimal(${precision}, ${scale})`
  }
  if (name === 'timestamp') return macro(numbers[0] === 6 ? 'to_timestamp_6' : 'to_timestamp_3', [value])
  return typedMacro(`to_${name}`, [value])
}
