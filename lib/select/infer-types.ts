/**
 * The type of each expression of a SELECT, from the types of its tables' columns: macros are chosen by them, and what
 * Athena would refuse for its types is refused here. Types that are not known before a file is read are null.
 */
import { commonType, type EngineType, elementOf, familyOf, nameOf } from './engine-type.ts'
import { FUNCTIONS } from './functions/index.ts'
import { Refused } from './refused.ts'
import type {
  Binary,
  Body,
  Call,
  Expression,
  Query,
  Relation,
  Select,
  SqlType,
  Window,
} from './select-tree.ts'
import { parseSignature, resultOf } from './signatures.ts'

export interface TypedColumn {
  readonly name: string
  readonly type: EngineType | null
}

/** Of each table its columns; null if they are not known. */
export type Tables = Readonly<Record<string, readonly TypedColumn[] | null>>

export type Types = ReadonlyMap<Expression, EngineType | null>

interface Source {
  readonly alias: string
  readonly columns: readonly TypedColumn[] | null
}

interface Scope {
  readonly tables: ReadonlyMap<string, readonly TypedColumn[] | null>
  readonly sources: readonly Source[]
  readonly outer: Scope | null
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** @throws {Refused} where operators or functions have types that Athena does not take */
export function inferTypes(query: Query, tables: Tables): Types {
  const types = new Map<Expression, EngineType | null>()
  const known = new Map(
    Object.entries(tables).map(([name, columns]) => [name.toLowerCase(), columns] as const),
  )
  columnsOfQuery(query, { tables: known, sources: [], outer: null }, types)
  return types
}

type Found = Map<Expression, EngineType | null>

function columnsOfQuery(query: Query, outer: Scope, types: Found): readonly TypedColumn[] | null {
  let scope = outer
  for (const { name, columns, query: inner } of query.with) {
    const found = renamed(columnsOfQuery(inner, scope, types), columns)
    scope = { ...scope, tables: new Map([...scope.tables, [name.toLowerCase(), found]]) }
  }
  return columnsOfBody(query.body, scope, types, query)
}

const renamed = (
  columns: readonly TypedColumn[] | null,
  names: readonly string[],
): readonly TypedColumn[] | null =>
  columns === null || names.length === 0
    ? columns
    : columns.map((column, i) => ({ ...column, name: names[i] ?? column.name }))

function columnsOfBody(
  body: Body,
  scope: Scope,
  types: Found,
  ordered: Query | null,
): readonly TypedColumn[] | null {
  switch (body.kind) {
    case 'select':
      return columnsOfSelect(body, scope, types, ordered)
    case 'nested':
      return columnsOfQuery(body.query, scope, types)
    case 'values': {
      const rows = body.rows.map(row => row.map(each => typeOf(each, scope, types)))
      const [first = []] = rows
      return first.map((_, i) => ({
        name: `_col${i}`,
        type: rows.map(row => row[i] ?? null).reduce((a, b) => commonType(a, b)),
      }))
    }
    case 'set': {
      const left = columnsOfBody(body.left, scope, types, null)
      const right = columnsOfBody(body.right, scope, types, null)
      const columns =
        left?.map((column, i) => ({ ...column, type: commonType(column.type, right?.[i]?.type ?? null) })) ??
        null
      for (const { by } of ordered?.orderBy ?? [])
        typeOf(by, { ...scope, sources: [{ alias: '', columns }], outer: scope }, types)
      return columns
    }
  }
}

function columnsOfSelect(
  select: Select,
  outer: Scope,
  types: Found,
  ordered: Query | null,
): readonly TypedColumn[] | null {
  let scope: Scope = {
    tables: outer.tables,
    sources: [],
    outer: outer.sources.length > 0 ? outer : outer.outer,
  }
  for (const relation of select.from) scope = withRelation(relation, scope, types)
  const of = (expression: Expression): EngineType | null => typeOf(expression, scope, types)
  if (select.where !== null) of(select.where)
  for (const group of select.groupBy)
    for (const each of group.kind === 'simple' ? [group.by] : group.sets.flat()) of(each)
  if (select.having !== null) of(select.having)
  for (const { window } of select.windows) typeWindow(window, scope, types)
  const columns = select.items.map((item, i): readonly TypedColumn[] | null => {
    if (item.kind === 'all')
      return allColumns(scope.sources.filter(({ alias }) => item.of === null || same(alias, item.of)))
    const { value, alias } = item
    return [
      { name: alias ?? (value.kind === 'column' ? (value.path.at(-1) ?? '') : `_col${i}`), type: of(value) },
    ]
  })
  const named = columns.flatMap(each => each ?? [])
  const whole = columns.includes(null) ? null : named
  const output: Source = { alias: '', columns: named }
  for (const { by } of ordered?.orderBy ?? [])
    typeOf(by, { ...scope, sources: [output, ...scope.sources] }, types)
  return whole
}

const allColumns = (sources: readonly Source[]): readonly TypedColumn[] | null =>
  sources.some(({ columns }) => columns === null) ? null : sources.flatMap(({ columns }) => columns ?? [])

function withRelation(relation: Relation, scope: Scope, types: Found): Scope {
  const add = (alias: string, columns: readonly TypedColumn[] | null): Scope => ({
    ...scope,
    sources: [...scope.sources, { alias, columns }],
  })
  switch (relation.kind) {
    case 'table': {
      const columns = scope.tables.get(relation.path.join('.').toLowerCase()) ?? null
      return add(
        relation.alias?.name ?? relation.path.at(-1) ?? '',
        renamed(columns, relation.alias?.columns ?? []),
      )
    }
    case 'query': {
      const columns = columnsOfQuery(
        relation.query,
        relation.lateral ? scope : { ...scope, sources: [] },
        types,
      )
      return add(relation.alias?.name ?? '', renamed(columns, relation.alias?.columns ?? []))
    }
    case 'unnest': {
      const elements = relation.arrays.map((array, i) => {
        const type = typeOf(array, scope, types)
        return { name: `u${i}`, type: type === null ? null : elementOf(type) }
      })
      const columns = relation.ordinality ? [...elements, { name: 'n', type: 'BIGINT' }] : elements
      return add(relation.alias?.name ?? '', renamed(columns, relation.alias?.columns ?? []))
    }
    case 'join': {
      const both = withRelation(relation.right, withRelation(relation.left, scope, types), types)
      if (relation.on !== null) typeOf(relation.on, both, types)
      return both
    }
  }
}

function typeWindow({ partitionBy, orderBy, frame }: Window, scope: Scope, types: Found): void {
  for (const each of [...partitionBy, ...orderBy.map(({ by }) => by)]) typeOf(each, scope, types)
  for (const bound of [frame?.start, frame?.end]) if (bound?.distance) typeOf(bound.distance, scope, types)
}

/** Of an expression and all within it. */
function typeOf(expression: Expression, scope: Scope, types: Found): EngineType | null {
  const type = inferred(expression, scope, types)
  types.set(expression, type)
  return type
}

function inferred(found: Expression, scope: Scope, types: Found): EngineType | null {
  const of = (expression: Expression): EngineType | null => typeOf(expression, scope, types)
  const boolean = (...parts: readonly (Expression | null)[]): EngineType => {
    for (const part of parts) if (part !== null) of(part)
    return 'BOOLEAN'
  }
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
      return columnType(found.path, scope)
    case 'star':
      return null
    case 'unary':
      return found.op === 'not' ? boolean(found.of) : of(found.of)
    case 'binary':
      return binaryType(found, of(found.left), of(found.right))
    case 'is null':
      return boolean(found.of)
    case 'between':
      return boolean(found.of, found.low, found.high)
    case 'in list':
      return boolean(found.of, ...found.list)
    case 'like':
      return boolean(found.of, found.pattern, found.escape)
    case 'in query':
      columnsOfQuery(found.query, scope, types)
      return boolean(found.of)
    case 'exists':
      columnsOfQuery(found.query, scope, types)
      return 'BOOLEAN'
    case 'subquery':
      return columnsOfQuery(found.query, scope, types)?.[0]?.type ?? null
    case 'case':
      return caseType(found, of)
    case 'cast':
      of(found.of)
      return engineType(found.type)
    case 'array': {
      const items = found.items.map(of)
      const element = items.length === 0 ? 'INTEGER' : items.reduce((a, b) => commonType(a, b))
      return element === null ? null : `${element}[]`
    }
    case 'subscript': {
      of(found.index)
      const array = of(found.of)
      return array === null ? null : elementOf(array)
    }
    case 'lambda':
      return of(found.body)
    case 'call':
      return callType(found, scope, types)
  }
}

function numberType(text: string): EngineType {
  if (/e/i.test(text)) return 'DOUBLE'
  if (/^\d+$/.test(text)) return BigInt(text) < 2n ** 31n ? 'INTEGER' : 'BIGINT'
  return `DECIMAL(${text.length - 1},${text.length - 1 - text.indexOf('.')})`
}

const ENGINE_TYPES: Readonly<Record<string, EngineType>> = { varbinary: 'BLOB', real: 'FLOAT' }

/** A type of a cast in DuckDB's words. */
export function engineType({ name, numbers, element }: SqlType): EngineType {
  if (name === 'array' && element !== null) return `${engineType(element)}[]`
  if (name === 'decimal') return `DECIMAL(${numbers[0] ?? 38},${numbers[1] ?? 0})`
  return ENGINE_TYPES[name] ?? name.toUpperCase()
}

function columnType(path: readonly string[], scope: Scope): EngineType | null {
  const name = path.at(-1) ?? ''
  const sources =
    path.length > 1 ? scope.sources.filter(({ alias }) => same(alias, path[0] ?? '')) : scope.sources
  for (const { columns } of sources) {
    const column = columns?.find(each => same(each.name, name))
    if (column !== undefined) return column.type
  }
  if (sources.some(({ columns }) => columns === null)) return null
  return scope.outer === null ? null : columnType(path, scope.outer)
}

function caseType(
  { of: what, whens, otherwise }: Extract<Expression, { kind: 'case' }>,
  of: (expression: Expression) => EngineType | null,
): EngineType | null {
  if (what !== null) of(what)
  for (const { when } of whens) of(when)
  const results = [...whens.map(({ result }) => result), ...(otherwise === null ? [] : [otherwise])].map(of)
  return results.reduce((a, b) => commonType(a, b))
}

const ARITHMETIC = new Set(['integer', 'decimal', 'floating', 'null'])

/** Of `+`, `-`, `*`, `/`, `%` and `||`; what compares is true or false. */
function binaryType(
  { op, left, right }: Binary,
  a: EngineType | null,
  b: EngineType | null,
): EngineType | null {
  if (!['+', '-', '*', '/', '%', '||'].includes(op)) return 'BOOLEAN'
  if (a === null || b === null) return op === '||' ? (a ?? b) : null
  const [one, other] = [familyOf(a), familyOf(b)]
  if (op === '||') return one === 'null' ? b : a
  if (one === 'interval' || other === 'interval') return withInterval(op, a, b)
  if (op === '-' && one === 'timestamp' && other === 'timestamp') return 'INTERVAL'
  if (!ARITHMETIC.has(one) || !ARITHMETIC.has(other)) {
    const at = positionOf(left) ?? positionOf(right) ?? 0
    throw new Refused(`${nameOf(a)} ${op} ${nameOf(b)}`, instead(op, one, other), at)
  }
  const common = commonType(a, b)
  return common !== null && familyOf(common) === 'decimal' ? 'DECIMAL(38,10)' : common
}

const instead = (op: string, a: string, b: string): string =>
  (a === 'date' || a === 'timestamp') && (op === '-' || op === '+')
    ? b === 'integer'
      ? "date_add('day', n, date), or date + interval '1' day * n"
      : "date_diff('day', from, to)"
    : 'numbers on both sides: cast them'

function withInterval(op: string, a: EngineType, b: EngineType): EngineType {
  const other = familyOf(a) === 'interval' ? b : a
  if (op === '*' || familyOf(other) === 'interval') return 'INTERVAL'
  return familyOf(other) === 'timestamp' ? 'TIMESTAMP' : other
}

const positionOf = (found: Expression): number | null => ('at' in found ? found.at : null)

/** The parameters of a lambda are elements of the array before it. */
function lambdaScope(
  { args }: Call,
  lambda: Extract<Expression, { kind: 'lambda' }>,
  scope: Scope,
  types: Found,
): Scope {
  const array = args[0] === undefined ? null : (types.get(args[0]) ?? null)
  const element = array === null ? null : elementOf(array)
  const columns = lambda.parameters.map(name => ({ name, type: element }))
  return { tables: scope.tables, sources: [{ alias: '', columns }], outer: scope }
}

function callType(call: Call, scope: Scope, types: Found): EngineType | null {
  const args = call.args.map(arg => {
    if (arg.kind !== 'lambda') return typeOf(arg, scope, types)
    typeOf(arg, lambdaScope(call, arg, scope, types), types)
    return types.get(arg) ?? null
  })
  if (call.filter !== null) typeOf(call.filter, scope, types)
  for (const { by } of call.orderBy) typeOf(by, scope, types)
  if (call.over !== null) typeWindow(call.over, scope, types)
  return resultOfCall(call, args)
}

function resultOfCall(call: Call, args: readonly (EngineType | null)[]): EngineType | null {
  const allowed = FUNCTIONS.get(call.name)
  if (allowed === undefined) return null
  if (call.name === 'count') return 'BIGINT'
  if (call.name === 'transform') return args[1] === null || args[1] === undefined ? null : `${args[1]}[]`
  if (call.name === 'min_by' || call.name === 'max_by') return args[0] ?? null
  if (/^(filter|(any|all|none)_match)$/.test(call.name))
    return call.name === 'filter' ? (args[0] ?? null) : 'BOOLEAN'
  if (call.name === 'lag' || call.name === 'lead' || call.name === 'nth_value') return args[0] ?? null
  const result = resultOf(allowed.signatures, args)
  if (result !== 'refused') return result
  const got = args.map(type => (type === null ? '?' : nameOf(type))).join(', ')
  const takes = allowed.signatures
    .map(each => parseSignature(each))
    .map(({ parameters, isOpen }) => `${call.name}(${parameters.join(', ')}${isOpen ? ', …' : ''})`)
  throw new Refused(`${call.name}(${got})`, [...new Set(takes)].join(' or '), call.at)
}
