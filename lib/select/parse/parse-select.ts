/** Parses a SELECT to a tree. The grammar is the part of Trino's that has the same semantics on every engine. */

import type { Body, Expression, GroupBy, Item, Query, Select } from '../select-tree.ts'
import { type Inner, parseExpression, parseSum } from './parse-expression.ts'
import { parseRelations } from './parse-relation.ts'
import { parseOrderBy, parseWindowBody } from './parse-window.ts'
import { selectTokens } from './select-tokens.ts'
import { listOf, needName, type TokenReader, tokenReader } from './token-reader.ts'

/** @throws {Refused} at the first token that is not in the grammar */
export function parseSelect(sql: string): Query {
  const reader = tokenReader(selectTokens(sql))
  const query = parseQuery(innerOf(reader))
  if (reader.peek().kind !== 'end') reader.refuse('the end of the SELECT, or a clause in its place')
  return query
}

function innerOf(reader: TokenReader): Inner {
  const inner: Inner = {
    reader,
    query: () => parseQuery(inner),
    expression: () => parseExpression(inner),
    sum: () => parseSum(inner),
  }
  return inner
}

function parseQuery(inner: Inner): Query {
  const { reader } = inner
  const { at } = reader.peek()
  const isWith = reader.accept('with')
  if (isWith && reader.sees('recursive')) reader.refuse('with without recursive')
  const parts = isWith ? listOf(reader, () => commonTable(inner)) : []
  const body = parseUnion(inner)
  const orderBy = reader.accept('order', 'by') ? parseOrderBy(inner) : []
  const offset = reader.accept('offset') ? count(reader) : null
  if (offset !== null) reader.accept('rows')
  const limit = reader.accept('limit')
    ? count(reader)
    : reader.accept('fetch', 'first')
      ? fetched(reader)
      : null
  if (reader.sees('offset')) reader.refuse('offset before limit')
  if (reader.sees('qualify')) reader.refuse('a SELECT around this one, with where on the window')
  return { with: parts, body, orderBy, offset, limit, at }
}

function count(reader: TokenReader): string {
  if (!/^\d+$/.test(reader.peek().value)) reader.refuse('a whole number')
  return reader.take().value
}

function fetched(reader: TokenReader): string {
  const rows = count(reader)
  if (!reader.accept('rows')) reader.expect('row')
  reader.expect('only')
  return rows
}

function commonTable({ reader, query }: Inner) {
  const name = needName(reader)
  const columns = reader.accept('(') ? names(reader) : []
  reader.expect('as')
  if (!reader.sees('(')) reader.refuse('as (…)')
  reader.expect('(')
  const inside = query()
  reader.expect(')')
  return { name, columns, query: inside }
}

function names(reader: TokenReader): readonly string[] {
  const found = listOf(reader, () => needName(reader))
  reader.expect(')')
  return found
}

/** INTERSECT has a higher precedence than UNION and EXCEPT. */
function parseUnion(inner: Inner): Body {
  let left = parseIntersect(inner)
  for (;;) {
    const op = (['union', 'except'] as const).find(word => inner.reader.accept(word))
    if (op === undefined) return left
    const all = isAll(inner.reader)
    if (inner.reader.sees('by')) inner.reader.refuse('the columns in the same order')
    left = { kind: 'set', op, all, left, right: parseIntersect(inner) }
  }
}

function parseIntersect(inner: Inner): Body {
  let left = parseBody(inner)
  while (inner.reader.accept('intersect'))
    left = { kind: 'set', op: 'intersect', all: isAll(inner.reader), left, right: parseBody(inner) }
  return left
}

const isAll = (reader: TokenReader): boolean => (reader.accept('distinct') ? false : reader.accept('all'))

function parseBody(inner: Inner): Body {
  const { reader, query } = inner
  if (reader.accept('(')) {
    const nested = query()
    reader.expect(')')
    return { kind: 'nested', query: nested }
  }
  if (reader.accept('values')) return { kind: 'values', rows: listOf(reader, () => valuesRow(inner)) }
  if (!reader.sees('select')) reader.refuse('select …')
  return parseCore(inner)
}

function valuesRow({ reader, expression }: Inner): readonly Expression[] {
  if (!reader.accept('(')) return [expression()]
  const row = listOf(reader, expression)
  reader.expect(')')
  return row
}

function parseCore(inner: Inner): Select {
  const { reader, expression } = inner
  reader.expect('select')
  const distinct = reader.accept('distinct')
  if (!distinct) reader.accept('all')
  if (distinct && reader.sees('on')) reader.refuse('row_number() over (…) in a SELECT around it')
  const items = listOf(reader, () => parseItem(inner))
  const from = reader.accept('from') ? parseRelations(inner) : []
  const where = reader.accept('where') ? expression() : null
  const groupBy = reader.accept('group', 'by') ? listOf(reader, () => parseGroup(inner)) : []
  const having = reader.accept('having') ? expression() : null
  const windows = reader.accept('window') ? listOf(reader, () => namedWindow(inner)) : []
  return { kind: 'select', distinct, items, from, where, groupBy, having, windows }
}

function namedWindow(inner: Inner) {
  const name = needName(inner.reader)
  inner.reader.expect('as')
  return { name, window: parseWindowBody(inner) }
}

function parseItem({ reader, expression }: Inner): Item {
  const { at } = reader.peek()
  if (reader.accept('*')) return allOf(reader, null, at)
  if (reader.peek(1).value === '.' && reader.peek(2).value === '*') {
    const of = needName(reader)
    reader.expect('.', '*')
    return allOf(reader, of, at)
  }
  const value = expression()
  const alias = reader.accept('as') ? needName(reader) : reader.name()
  return { kind: 'expression', value, alias }
}

function allOf(reader: TokenReader, of: string | null, at: number): Item {
  if (['exclude', 'except', 'replace', 'rename'].some(word => reader.sees(word)))
    reader.refuse('the columns by name')
  return { kind: 'all', of, at }
}

function parseGroup(inner: Inner): GroupBy {
  const { reader, expression } = inner
  if (reader.accept('rollup')) return { kind: 'rollup', sets: expressionsOf(inner).map(by => [by]) }
  if (reader.accept('cube')) return { kind: 'cube', sets: expressionsOf(inner).map(by => [by]) }
  if (!reader.accept('grouping', 'sets')) return { kind: 'simple', by: expression() }
  reader.expect('(')
  const sets = listOf(reader, () => (reader.sees('(') ? expressionsOf(inner) : [expression()]))
  reader.expect(')')
  return { kind: 'grouping sets', sets }
}

function expressionsOf({ reader, expression }: Inner): readonly Expression[] {
  reader.expect('(')
  const found = reader.sees(')') ? [] : listOf(reader, expression)
  reader.expect(')')
  return found
}
