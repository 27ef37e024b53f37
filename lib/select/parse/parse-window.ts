/** Parses orders, windows and their frames. */

import type { Bound, Frame, Order, Window } from '../select-tree.ts'
import type { Inner } from './parse-expression.ts'
import { listOf } from './token-reader.ts'

export const parseOrderBy = ({ reader, expression }: Inner): readonly Order[] =>
  listOf(reader, () => {
    const by = expression()
    const descending = reader.accept('desc')
    if (!descending) reader.accept('asc')
    const nulls = reader.accept('nulls', 'first') ? 'first' : reader.accept('nulls', 'last') ? 'last' : null
    return { by, descending, nulls }
  })

/** What follows OVER: the name of a window, or a window in parentheses. */
export function parseWindow(inner: Inner): Window {
  const name = inner.reader.name()
  if (name !== null) return { base: name, partitionBy: [], orderBy: [], frame: null }
  return parseWindowBody(inner)
}

export function parseWindowBody(inner: Inner): Window {
  const { reader, expression } = inner
  reader.expect('(')
  const base = reader.sees('partition') || isFrameNext(inner) ? null : reader.name()
  const partitionBy = reader.accept('partition', 'by') ? listOf(reader, expression) : []
  const orderBy = reader.accept('order', 'by') ? parseOrderBy(inner) : []
  const frame = parseFrame(inner)
  reader.expect(')')
  return { base, partitionBy, orderBy, frame }
}

const UNITS = ['rows', 'range', 'groups'] as const
const isFrameNext = ({ reader }: Inner): boolean => UNITS.some(unit => reader.sees(unit))

function parseFrame(inner: Inner): Frame | null {
  const { reader } = inner
  const unit = UNITS.find(word => reader.accept(word))
  if (unit === undefined) return null
  if (!reader.accept('between')) return { unit, start: parseBound(inner), end: null }
  const start = parseBound(inner)
  reader.expect('and')
  return { unit, start, end: parseBound(inner) }
}

function parseBound({ reader, expression }: Inner): Bound {
  if (reader.accept('current', 'row')) return { direction: 'current', distance: null }
  const distance = reader.accept('unbounded') ? null : expression()
  if (reader.accept('preceding')) return { direction: 'preceding', distance }
  if (reader.accept('following')) return { direction: 'following', distance }
  return reader.refuse('preceding or following')
}
