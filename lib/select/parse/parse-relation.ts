/** Parses the relations after FROM: tables, subqueries, joins, unnested arrays. */

import type { Alias, Relation } from '../select-tree.ts'
import type { Inner } from './parse-expression.ts'
import { listOf, needName, type TokenReader } from './token-reader.ts'

export const parseRelations = (inner: Inner): readonly Relation[] => listOf(inner.reader, () => joined(inner))

const JOINS = {
  join: 'inner',
  'inner join': 'inner',
  'left join': 'left',
  'left outer join': 'left',
  'right join': 'right',
  'right outer join': 'right',
  'full join': 'full',
  'full outer join': 'full',
  'cross join': 'cross',
} as const

function joined(inner: Inner): Relation {
  let left = alone(inner)
  for (;;) {
    const type = joinType(inner.reader)
    if (type === null) return left
    left = { kind: 'join', type, left, right: alone(inner), ...condition(inner, type === 'cross') }
  }
}

function joinType(reader: TokenReader): (typeof JOINS)[keyof typeof JOINS] | null {
  for (const [words, type] of Object.entries(JOINS)) if (reader.accept(...words.split(' '))) return type
  if (['natural', 'asof', 'positional', 'semi', 'anti'].some(word => reader.sees(word)))
    reader.refuse('inner, left, right, full or cross join, with on or using')
  return null
}

function condition({ reader, expression }: Inner, isCross: boolean) {
  if (isCross) return { on: null, using: [] }
  if (reader.accept('on')) return { on: expression(), using: [] }
  reader.expect('using')
  reader.expect('(')
  const using = listOf(reader, () => needName(reader))
  reader.expect(')')
  return { on: null, using }
}

function alone(inner: Inner): Relation {
  const { reader, query } = inner
  const { at } = reader.peek()
  if (reader.accept('unnest')) return unnested(inner, at)
  const lateral = reader.accept('lateral')
  if (reader.accept('(')) {
    if (!isQueryNext(reader)) {
      const inside = joined(inner)
      reader.expect(')')
      return inside
    }
    const nested = query()
    reader.expect(')')
    return { kind: 'query', query: nested, lateral, alias: aliasOf(reader) }
  }
  const path = [needName(reader)]
  while (reader.accept('.')) path.push(needName(reader))
  if (reader.sees('(')) reader.refuse('a table, (SELECT …) or unnest(…)')
  const alias = aliasOf(reader)
  if (reader.sees('tablesample')) reader.refuse('all rows: samples differ from run to run')
  return { kind: 'table', path, alias, at }
}

const isQueryNext = (reader: TokenReader): boolean => {
  for (let ahead = 0; ; ahead += 1) {
    const { kind, value } = reader.peek(ahead)
    if (kind === 'sign' && value === '(') continue
    return kind === 'word' && ['select', 'with', 'values'].includes(value)
  }
}

function unnested({ reader, expression }: Inner, at: number): Relation {
  reader.expect('(')
  const arrays = listOf(reader, expression)
  reader.expect(')')
  return {
    kind: 'unnest',
    arrays,
    ordinality: reader.accept('with', 'ordinality'),
    alias: aliasOf(reader),
    at,
  }
}

function aliasOf(reader: TokenReader): Alias | null {
  const name = reader.accept('as') ? needName(reader) : reader.name()
  if (name === null) return null
  if (!reader.accept('(')) return { name, columns: [] }
  const columns = listOf(reader, () => needName(reader))
  reader.expect(')')
  return { name, columns }
}
