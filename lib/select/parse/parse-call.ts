/** Parses function calls, with the clauses in and after their parentheses. */

import { Refused } from '../refused.ts'
import type { Call, Expression } from '../select-tree.ts'
import type { Inner } from './parse-expression.ts'
import { parseOrderBy, parseWindow } from './parse-window.ts'
import type { Token } from './select-tokens.ts'
import { listOf } from './token-reader.ts'

/** A call with only a name and arguments. */
export const plainCall = (name: string, args: readonly Expression[], at: number): Call => ({
  kind: 'call',
  name,
  args,
  distinct: false,
  orderBy: [],
  filter: null,
  ignoresNulls: false,
  over: null,
  at,
})

/** Parses the parentheses and what follows. The name is already consumed. */
export function parseCall(inner: Inner, { value, at }: Token): Call {
  const { reader } = inner
  reader.expect('(')
  const distinct = reader.accept('distinct')
  const args = reader.sees(')') || reader.sees('order') ? [] : listOf(reader, () => argument(inner))
  const orderBy = reader.accept('order', 'by') ? parseOrderBy(inner) : []
  if (reader.sees('ignore') || reader.sees('respect')) reader.refuse(') before ignore nulls')
  reader.expect(')')
  if (reader.sees('within')) reader.refuse("array_join(array_agg(a order by b), ',')")
  const filter = reader.accept('filter') ? filterOf(inner) : null
  const ignoresNulls = reader.accept('ignore', 'nulls')
  if (!ignoresNulls) reader.accept('respect', 'nulls')
  const over = reader.accept('over') ? parseWindow(inner) : null
  return { kind: 'call', name: value.toLowerCase(), args, distinct, orderBy, filter, ignoresNulls, over, at }
}

function argument(inner: Inner): Expression {
  const { reader } = inner
  if (reader.accept('*')) return { kind: 'star' }
  return parametersOf(inner) ?? inner.expression()
}

/** Parses `(a, b) -> …`. Tried before an expression in parentheses. */
function parametersOf({ reader, expression }: Inner): Expression | null {
  if (!reader.sees('(')) return null
  let ahead = 1
  const parameters: string[] = []
  for (;;) {
    const name = reader.peek(ahead)
    if (name.kind !== 'word' && name.kind !== 'quoted') return null
    parameters.push(name.kind === 'quoted' ? name.value : name.raw)
    const next = reader.peek(ahead + 1).value
    ahead += 2
    if (next === ')') break
    if (next !== ',') return null
  }
  if (reader.peek(ahead).value !== '->' || reader.peek(ahead).kind !== 'sign') return null
  for (let taken = 0; taken <= ahead; taken += 1) reader.take()
  return { kind: 'lambda', parameters, body: expression() }
}

function filterOf({ reader, expression }: Inner): Expression {
  reader.expect('(', 'where')
  const condition = expression()
  reader.expect(')')
  return condition
}

/** Fields of `extract`, which have equivalent functions. */
const FIELDS = [
  'year',
  'quarter',
  'month',
  'week',
  'day',
  'day_of_month',
  'day_of_week',
  'dow',
  'day_of_year',
  'doy',
  'year_of_week',
  'yow',
  'hour',
  'minute',
  'second',
] as const

/** Functions with a special syntax, as ordinary calls. */
export function parseSpecialCall(inner: Inner): Call | null {
  const { reader } = inner
  const { kind, value, at } = reader.peek()
  if (kind !== 'word') return null
  if (value === 'current_date' || value === 'localtimestamp') {
    reader.take()
    return plainCall(value, [], at)
  }
  if (/^current_|^localtime$/.test(value))
    throw new Refused(value, 'current_date or localtimestamp, which is UTC', at)
  if (reader.peek(1).value !== '(' || reader.peek(1).kind !== 'sign') return null
  switch (value) {
    case 'extract':
      return extractCall(inner)
    case 'position':
      return positionCall(inner)
    case 'trim':
      return trimCall(inner)
    case 'substring':
      return substringCall(inner)
    default:
      return null
  }
}

function extractCall({ reader, expression }: Inner): Call {
  const { at } = reader.take()
  reader.expect('(')
  const field = FIELDS.find(name => reader.accept(name)) ?? reader.refuse(`one of ${FIELDS.join(', ')}`)
  reader.expect('from')
  const value = expression()
  reader.expect(')')
  return plainCall(field, [value], at)
}

function positionCall({ reader, sum }: Inner): Call {
  const { at } = reader.take()
  reader.expect('(')
  const sought = sum()
  reader.expect('in')
  const text = sum()
  reader.expect(')')
  return plainCall('strpos', [text, sought], at)
}

const SIDES = { leading: 'ltrim', trailing: 'rtrim', both: 'trim' } as const

function trimCall({ reader, expression }: Inner): Call {
  const { at } = reader.take()
  reader.expect('(')
  const side = (['leading', 'trailing', 'both'] as const).find(word => reader.accept(word)) ?? 'both'
  const first = reader.sees('from') ? null : expression()
  const isFrom = reader.accept('from')
  const second = isFrom || reader.accept(',') ? expression() : null
  reader.expect(')')
  const [text, letters] = isFrom ? [second, first] : [first, second]
  if (text === null) throw new Refused('trim()', 'trim(text) or trim(text, letters)', at)
  return plainCall(SIDES[side], letters === null ? [text] : [text, letters], at)
}

function substringCall({ reader, expression }: Inner): Call {
  const { at } = reader.take()
  reader.expect('(')
  const args = [expression()]
  while (reader.accept(',') || reader.accept('from') || reader.accept('for')) args.push(expression())
  reader.expect(')')
  return plainCall('substr', args, at)
}
