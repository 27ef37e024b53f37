/**
 * Resolves each name of a SELECT and infers the type of each expression from the columns of its tables. Types select
 * the macros, and what Athena would refuse is refused here. A type that is unknown before a file is read is null.
 */

import { Refused } from '../refused.ts'
import type { Alias, AllItem, Body, Expression, Order, Query, Relation, Select } from '../select-tree.ts'
import { typeWindow } from './call-type.ts'
import { type EngineType, elementOf, type Family } from './engine-type.ts'
import { type Inference, typeOf } from './expression-type.ts'
import {
  type Columns,
  pathsOf,
  type Reference,
  resolve,
  type Scope,
  type Source,
  same,
  type TypedColumn,
  UNKNOWN_COLUMNS,
} from './scope.ts'
import { meet, need, needCondition, positionOf } from './type-rules.ts'

/** The columns of each table: all columns, only the declared ones, or null if none is known. */
export type Tables = Readonly<
  Record<string, readonly TypedColumn[] | { readonly declared: readonly TypedColumn[] } | null>
>

/** The results for the parts of a SELECT. */
export type Types = Readonly<{
  types: ReadonlyMap<Expression, EngineType | null>
  references: ReadonlyMap<Expression, Reference>
  stars: ReadonlyMap<AllItem, readonly (readonly string[])[]>
}>

/** @throws {Refused} if Athena does not accept names, operators or functions */
export function inferTypes(query: Query, tables: Tables): Types {
  const inference: Inference = {
    types: new Map(),
    references: new Map(),
    stars: new Map(),
    query: (inner, scope) => columnsOfQuery(inner, scope, inference),
  }
  const known = new Map(Object.entries(tables).map(([name, columns]) => [name.toLowerCase(), given(columns)]))
  const columns = columnsOfQuery(query, { tables: known, sources: [], outer: null }, inference)
  needNames(columns, query.at)
  const interval = columns.known.find(({ type }) => type === 'INTERVAL')
  if (interval !== undefined)
    throw new Refused(`${interval.name}, an interval, as a column`, "date_diff('second', from, to)", query.at)
  return inference
}

function given(columns: Tables[string]): Columns {
  if (columns === null || columns === undefined) return UNKNOWN_COLUMNS
  return 'declared' in columns
    ? { known: columns.declared, isWhole: false }
    : { known: columns, isWhole: true }
}

function columnsOfQuery(query: Query, outer: Scope, inference: Inference): Columns {
  let scope = outer
  for (const { name, columns, query: inner } of query.with) {
    const found = renamed(columnsOfQuery(inner, scope, inference), columns, inner.at)
    scope = { ...scope, tables: new Map([...scope.tables, [name.toLowerCase(), found]]) }
  }
  return columnsOfBody(query.body, scope, inference, query)
}

/** The names of a result must differ, because engines resolve a duplicate name differently. */
function needNames(columns: Columns, at: number): Columns {
  const names = columns.known.map(({ name }) => name.toLowerCase()).filter(name => name !== '')
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw new Refused(`two columns ${twice}`, 'a name of its own for each: … as a', at)
  return columns
}

function renamed(columns: Columns, names: readonly string[], at: number): Columns {
  if (names.length === 0) return needNames(columns, at)
  const { known, isWhole } = columns
  if (isWhole && known.length !== names.length)
    throw new Refused(`${names.length} names for ${known.length} columns`, 'a name for each column', at)
  const types = isWhole ? known.map(({ type }) => type) : []
  return needNames({ known: names.map((name, i) => ({ name, type: types[i] ?? null })), isWhole: true }, at)
}

/** @param query the query of this body; null if the body has no order of its own */
function columnsOfBody(body: Body, scope: Scope, inference: Inference, query: Query | null): Columns {
  if (body.kind === 'select') return columnsOfSelect(body, scope, inference, query)
  const columns = columnsOfRows(body, scope, inference)
  const outputs = columns.known.map((_, i): Reference => ({ kind: 'position', position: i + 1 }))
  const result: Scope = { tables: scope.tables, sources: [{ alias: null, ...columns, outputs }], outer: null }
  for (const { by } of query?.orderBy ?? []) {
    if (by.kind !== 'number' && by.kind !== 'column')
      throw new Refused(
        'an expression behind order by',
        'a column, or a SELECT around this one',
        query?.at ?? 0,
      )
    typeOf(by, result, inference)
  }
  return columns
}

function columnsOfRows(body: Exclude<Body, { kind: 'select' }>, scope: Scope, inference: Inference): Columns {
  switch (body.kind) {
    case 'nested':
      return columnsOfQuery(body.query, scope, inference)
    case 'values':
      return columnsOfValues(body.rows, scope, inference)
    case 'set':
      return columnsOfSet(body, scope, inference)
  }
}

function columnsOfValues(
  rows: readonly (readonly Expression[])[],
  scope: Scope,
  inference: Inference,
): Columns {
  const typed = rows.map(row =>
    row.map(expression => ({ expression, type: typeOf(expression, scope, inference) })),
  )
  const [first = []] = typed
  return {
    known: first.map((_, i) => ({
      name: '',
      type: meet(
        'a column of values',
        typed.flatMap(row => row[i] ?? []),
      ),
    })),
    isWhole: true,
  }
}

function columnsOfSet(
  { op, left, right }: Extract<Body, { kind: 'set' }>,
  scope: Scope,
  inference: Inference,
): Columns {
  const one = columnsOfBody(left, scope, inference, null)
  const other = columnsOfBody(right, scope, inference, null)
  if (!one.isWhole || !other.isWhole)
    return { known: one.known.map(({ name }) => ({ name, type: null })), isWhole: one.isWhole }
  const at = positionOfBody(right)
  if (one.known.length !== other.known.length)
    throw new Refused(
      `${op} of ${one.known.length} and ${other.known.length} columns`,
      'as many columns in both SELECTs',
      at,
    )
  const known = one.known.map(({ name, type }, i) => {
    const values = [type, other.known[i]?.type ?? null].map(each => ({
      expression: STAND_IN(at),
      type: each,
    }))
    return { name, type: meet(`${op}, column ${i + 1},`, values) }
  })
  return { known, isWhole: true }
}

/** The column of a set operation has no expression, so a placeholder carries its position in the SQL. */
const STAND_IN = (at: number): Expression => ({ kind: 'column', path: [], at })

const positionOfBody = (body: Body): number => {
  if (body.kind === 'nested') return body.query.at
  return body.kind === 'set' ? positionOfBody(body.left) : 0
}

function columnsOfSelect(select: Select, outer: Scope, inference: Inference, query: Query | null): Columns {
  const aliases = select.items.flatMap(item => (item.kind === 'expression' ? (item.alias ?? []) : []))
  let scope: Scope = {
    tables: outer.tables,
    sources: [],
    outer: outer.sources.length > 0 ? outer : outer.outer,
    aliases,
  }
  for (const relation of select.from) scope = withRelation(relation, scope, inference)
  typeClauses(select, scope, inference)
  const items = select.items.map(item => columnsOfItem(item, scope, inference))
  const columns = {
    known: items.flatMap(({ known }) => known),
    isWhole: items.every(({ isWhole }) => isWhole),
  }
  const outputs = items.flatMap(({ outputs = [] }) => outputs)
  const result = { ...scope, sources: [{ alias: null, ...columns, outputs }], outer: scope }
  for (const order of query?.orderBy ?? []) {
    typeOrder(order, result, inference)
    if (select.distinct) needResult(order, select, inference)
  }
  return columns
}

function typeClauses({ where, groupBy, having, windows }: Select, scope: Scope, inference: Inference): void {
  for (const condition of [where, having])
    if (condition !== null)
      needCondition({ expression: condition, type: typeOf(condition, scope, inference) })
  for (const group of groupBy) {
    const by = group.kind === 'simple' ? [group.by] : group.sets.flat()
    for (const each of by) {
      typeOf(each, scope, inference)
      if (group.kind !== 'simple' && each.kind !== 'column')
        throw new Refused(
          `an expression in ${group.kind}`,
          'a column, which a SELECT within this one names',
          0,
        )
    }
  }
  for (const { window } of windows) typeWindow(window, scope, inference)
}

function columnsOfItem(item: Select['items'][number], scope: Scope, inference: Inference): Source {
  if (item.kind === 'all') return allColumns(item, scope, inference)
  const { value, alias } = item
  const name = alias ?? (value.kind === 'column' ? (value.path.at(-1) ?? '') : '')
  const known = [{ name, type: typeOf(value, scope, inference) }]
  return { alias: null, known, isWhole: true, outputs: [{ kind: 'expression', expression: value }] }
}

function allColumns(item: AllItem, scope: Scope, inference: Inference): Source {
  const { of, at } = item
  const sources = scope.sources.filter(({ alias }) => of === null || (alias !== null && same(alias, of)))
  if (sources.length === 0 && of !== null) throw new Refused(`${of}.*`, 'the name of a table behind from', at)
  const paths = pathsOf(sources)
  if (paths !== null) inference.stars.set(item, paths)
  return {
    alias: null,
    known: sources.flatMap(({ known }) => known),
    isWhole: sources.every(({ isWhole }) => isWhole),
    outputs: (paths ?? []).map(path => ({ kind: 'path', path })),
  }
}

/**
 * A plain name refers to the result column of that name. Within an expression, it stands for the expression of that
 * column.
 */
function typeOrder({ by }: Order, scope: Scope, inference: Inference): void {
  const type = typeOf(by, scope, inference)
  if (by.kind !== 'column' || type === undefined) return
  const found = resolve(by, scope)
  if (found !== null && found.output !== null)
    inference.references.set(by, { kind: 'position', position: found.output })
}

/** The order of DISTINCT rows may use only selected columns. */
function needResult({ by }: Order, { items }: Select, { references }: Inference): void {
  const isResult =
    by.kind === 'number' ||
    references.get(by)?.kind === 'position' ||
    items.some(item => item.kind === 'all' || isSame(item.value, by))
  if (!isResult)
    throw new Refused(
      'select distinct with an order by something else',
      'a column of the SELECT',
      positionOf(by),
    )
}

/** Whether both expressions are equal, ignoring their positions in the SQL. */
function isSame(a: Expression, b: Expression): boolean {
  const textOf = (each: Expression): string =>
    JSON.stringify(each, (name, value: unknown) => (name === 'at' ? undefined : value))
  return textOf(a) === textOf(b)
}

function withRelation(relation: Relation, scope: Scope, inference: Inference): Scope {
  const add = (alias: string | null, columns: Columns): Scope => ({
    ...scope,
    sources: [...scope.sources, { alias, ...columns }],
  })
  switch (relation.kind) {
    case 'table': {
      const columns = scope.tables.get(relation.path.join('.').toLowerCase()) ?? UNKNOWN_COLUMNS
      const name = relation.alias?.name ?? relation.path.at(-1) ?? null
      return add(name, renamed(columns, namesOf(relation.alias), relation.at))
    }
    case 'query': {
      const inner = relation.lateral ? scope : { ...scope, sources: [] }
      const columns = columnsOfQuery(relation.query, inner, inference)
      return add(relation.alias?.name ?? null, renamed(columns, namesOf(relation.alias), relation.query.at))
    }
    case 'unnest':
      return add(relation.alias?.name ?? null, unnested(relation, scope, inference))
    case 'join':
      return joined(relation, scope, inference)
  }
}

const namesOf = (alias: Alias | null): readonly string[] => alias?.columns ?? []

function unnested(
  { arrays, ordinality, alias, at }: Extract<Relation, { kind: 'unnest' }>,
  scope: Scope,
  inference: Inference,
): Columns {
  const elements = arrays.map(array => {
    const type = typeOf(array, scope, inference)
    return { name: '', type: type === null ? null : elementOf(type) }
  })
  const known = ordinality ? [...elements, { name: '', type: 'BIGINT' }] : elements
  return renamed({ known, isWhole: true }, namesOf(alias), at)
}

const KEYS: readonly Family[] = ['integer', 'decimal', 'varchar', 'boolean', 'date', 'timestamp', 'varbinary']

/** Columns of USING come before the others and belong to neither table. */
function joined(
  { left, right, on, using }: Extract<Relation, { kind: 'join' }>,
  scope: Scope,
  inference: Inference,
): Scope {
  const one = withRelation(left, scope, inference)
  const both = withRelation(right, one, inference)
  const before = scope.sources.length
  const own = { ...both, sources: both.sources.slice(before) }
  if (on !== null) needCondition({ expression: on, type: typeOf(on, own, inference) })
  if (using.length === 0) return both
  const sides = [one.sources.slice(before), both.sources.slice(one.sources.length)]
  const keys = using.map(name => {
    const column: Extract<Expression, { kind: 'column' }> = { kind: 'column', path: [name], at: 0 }
    const values = sides.map(sources => ({
      expression: column,
      type: resolve(column, { ...scope, sources, outer: null })?.type ?? null,
    }))
    for (const value of values)
      need(value, KEYS, {
        what: `using (${name})`,
        instead: 'a key that is no double: NaN is equal to nothing',
      })
    return { name, type: meet(`using (${name})`, values) }
  })
  const isKey = ({ name }: TypedColumn): boolean => using.some(key => same(key, name))
  const others = sides.flat().map(source => ({ ...source, known: source.known.filter(each => !isKey(each)) }))
  const merged = { alias: null, known: keys, isWhole: true }
  return { ...scope, sources: [...scope.sources.slice(0, before), merged, ...others] }
}
