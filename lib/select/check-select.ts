/**
 * Checks that a SELECT has the same semantics on every engine. Only listed functions (functions/) and types of casts
 * (casts.ts) are allowed; the grammar (parse-select.ts) restricts everything else. Each refusal says what to write
 * instead.
 */
import { typeProblem } from './casts.ts'
import { formatProblem } from './date-format.ts'
import { insteadOf } from './function-hints.ts'
import { FUNCTIONS, type KnownFunction } from './functions/index.ts'
import { instantProblem, intervalProblem, numberProblem } from './literals.ts'
import { parseSelect } from './parse/parse-select.ts'
import { Refused } from './refused.ts'
import { groupsOf, patternProblem, replacementProblem } from './regular-expression.ts'
import type { Call, Expression, Query } from './select-tree.ts'
import { inferTypes, type Tables } from './types/infer-types.ts'
import { eachPart, type Part } from './walk-select.ts'

/** A part of a SELECT that is not portable. */
export interface Problem {
  /** The refused text. */
  readonly got: string
  /** The portable replacement. */
  readonly instead: string
  /** Offset in the SQL. */
  readonly at: number
}

export interface SelectUse {
  /**
   * Whether the SELECT may have a limit without an order, and so return arbitrary rows, because its result is stored.
   * @default false
   */
  readonly isSample?: boolean
}

/**
 * All problems of a SELECT. A syntax error hides all others, and types are checked only if there is no other problem.
 * @param tables the tables that it may read, besides those of its own WITH, with their known columns
 */
export function selectProblems(sql: string, tables: Tables, use: SelectUse = {}): readonly Problem[] {
  try {
    const query = parseSelect(sql)
    const found = queryProblemsOf(query, Object.keys(tables), use)
    if (found.length === 0) inferTypes(query, tables)
    return found
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return [{ got: error.got, instead: error.instead, at: error.at }]
  }
}

function queryProblemsOf(
  query: Query,
  tables: readonly string[],
  { isSample = false }: SelectUse,
): readonly Problem[] {
  const named = eachPart(query, part =>
    part.kind === 'query' ? part.query.with.map(({ name }) => name) : [],
  )
  const known = new Set([...tables, ...named].map(name => name.toLowerCase()))
  return eachPart(query, part => (part.kind === 'query' && isSample ? [] : problemsOf(part, known)))
}

function problemsOf(part: Part, tables: ReadonlySet<string>): readonly Problem[] {
  if (part.kind === 'query') return queryProblems(part.query)
  if (part.kind === 'table') {
    const name = part.table.path.join('.')
    return tables.has(name.toLowerCase())
      ? []
      : problem(`the table ${name}`, `one of the tables ${[...tables].join(', ')}`, part.table.at)
  }
  return expressionProblems(part.expression, part.isRounded)
}

const queryProblems = ({ limit, offset, orderBy, at }: Query): readonly Problem[] =>
  (limit !== null || offset !== null) && orderBy.length === 0
    ? [{ got: 'limit without order by', instead: 'order by …, which says which rows are taken', at }]
    : []

const problem = (got: string, instead: string | null, at: number): readonly Problem[] =>
  instead === null ? [] : [{ got, instead, at }]

function expressionProblems(found: Expression, isRounded: boolean): readonly Problem[] {
  switch (found.kind) {
    case 'number':
      return problem(found.text, numberProblem(found.text), 0)
    case 'instant':
      return problem(`${found.type} '${found.value}'`, instantProblem(found), found.at)
    case 'interval':
      return problem(`interval '${found.value}'`, intervalProblem(found), found.at)
    case 'cast':
      return problem(`a cast to ${found.type.name}`, typeProblem(found.type), found.at)
    case 'like':
      return likeProblems(found)
    case 'call':
      return callProblems(found, isRounded)
    default:
      return []
  }
}

/** Athena requires one character, and in the pattern it may only precede a character that it escapes. */
function likeProblems({ pattern, escape: sign, at }: Like): readonly Problem[] {
  if (sign === null) return []
  if (sign.kind !== 'text' || [...sign.value].length !== 1)
    return problem('escape', 'one letter in quotes behind escape', at)
  const letter = sign.value
  const text = pattern.kind === 'text' ? pattern.value : ''
  const rest = [letter, '%', '_'].reduce((left, each) => left.replaceAll(letter + each, ''), text)
  return problem(
    `like '${text}'`,
    rest.includes(letter) ? `${letter} before %, _ or ${letter} alone` : null,
    at,
  )
}

type Like = Extract<Expression, { kind: 'like' }>

function callProblems(call: Call, isRounded: boolean): readonly Problem[] {
  const { name, at } = call
  const allowed = FUNCTIONS.get(name)
  if (allowed === undefined) return problem(`${name}(…)`, insteadOf(name), at)
  if (allowed.counts !== 'any' && !allowed.counts.has(countOf(call)))
    return problem(`${name}(…) of ${call.args.length} arguments`, signaturesOf(name, allowed), at)
  return [
    ...placeProblems(call, allowed),
    ...literalProblems(call, allowed),
    ...(allowed.rounded === true && !isRounded
      ? problem(
          `${name}(…), whose last bits differ`,
          `round(${name}(…), 6), or as many digits as you need`,
          at,
        )
      : []),
  ]
}

/** `count(*)` has no argument. */
const countOf = ({ args }: Call): number => (args[0]?.kind === 'star' ? 0 : args.length)

const signaturesOf = (name: string, { signatures }: KnownFunction): string =>
  signatures.map(signature => `${name}(${signature.split(' ->')[0]})`).join(' or ')

/** Checks OVER, ORDER BY and similar clauses: some kinds of functions require them, others do not allow them. */
function placeProblems(call: Call, { kind }: KnownFunction): readonly Problem[] {
  const { name, over, orderBy, distinct, filter, ignoresNulls, at } = call
  if (
    kind === 'scalar' &&
    (over !== null || orderBy.length > 0 || distinct || filter !== null || ignoresNulls)
  )
    return problem(`${name}(…) with a clause of aggregates`, `${name}(…) alone`, at)
  if (kind === 'window' && over === null) return problem(`${name}()`, `${name}() over (order by …)`, at)
  if (kind === 'window' && over?.base === null && over.orderBy.length === 0)
    return problem(`${name}() without an order`, `${name}() over (order by …)`, at)
  if (kind === 'window' && !name.endsWith('_value') && over !== null && over.frame !== null)
    return problem(`${name}(…) over a frame of rows`, `${name}(…) over (order by …)`, at)
  if (kind === 'aggregate' && ignoresNulls)
    return problem(`${name}(…) ignore nulls`, `${name}(…) filter (where … is not null)`, at)
  if (filter !== null && over !== null)
    return problem(`${name}(…) filter (…) over`, `${name}(case when … then … end) over (…)`, at)
  if (over?.orderBy.some(({ by }) => by.kind === 'number' || by.kind === 'constant') === true)
    return problem(`${name}(…) over an order by a constant`, 'a column: 1 is no position here', at)
  if (name === 'array_agg' && over?.base === null && over.orderBy.length === 0)
    return problem('array_agg(…) over without an order', 'array_agg(…) over (… order by …)', at)
  if (name === 'array_agg' && orderBy.length === 0 && over === null)
    return problem('array_agg(…) without an order', 'array_agg(… order by …)', at)
  if (kind === 'aggregate' && name !== 'array_agg' && orderBy.length > 0)
    return problem(`${name}(… order by …)`, `${name}(…): its rows need no order`, at)
  return call.args.some(({ kind }) => kind === 'star') && name !== 'count'
    ? problem(`${name}(*)`, 'count(*)', at)
    : []
}

const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']

function literalProblems(call: Call, { literals = [] }: KnownFunction): readonly Problem[] {
  const { name, args, at } = call
  const loose = literals.find(
    i =>
      args[i] !== undefined && args[i]?.kind !== 'text' && args[i]?.kind !== 'number' && !isNegative(args[i]),
  )
  if (loose !== undefined)
    return problem(`${name}(…)`, `a literal as argument ${loose + 1} of ${name}(…)`, at)
  if (/^(lag|lead|nth_value)$/.test(name)) {
    const isFar = args[1] === undefined || (args[1].kind === 'number' && Number(args[1].text) > 0)
    return problem(`${name}(…)`, isFar ? null : 'a whole number above 0 as argument 2', at)
  }
  const texts = args.map(arg => (arg.kind === 'text' ? arg.value : ''))
  if (/^date_(trunc|diff|add)$/.test(name))
    return problem(
      `${name}('${texts[0]}', …)`,
      UNITS.includes(texts[0] ?? '') ? null : `one of the units ${UNITS.join(', ')}`,
      at,
    )
  if (name === 'date_format' || name === 'date_parse')
    return problem(`${name}(…, '${texts[1]}')`, formatProblem(texts[1] ?? '', name === 'date_parse'), at)
  return name.startsWith('regexp_') ? patternProblems(call, texts) : []
}

const isNegative = (found: Expression | undefined): boolean =>
  found?.kind === 'unary' && found.op === '-' && found.of.kind === 'number'

function patternProblems(
  { name, args, at }: Call,
  [, pattern = '', replacement = '']: readonly string[],
): readonly Problem[] {
  const wrong = patternProblem(pattern)
  if (wrong !== null) return problem(`the pattern '${pattern}'`, wrong, at)
  const group = args[2]?.kind === 'number' ? Number(args[2].text) : 0
  if (group >= groupsOf(pattern))
    return problem(`group ${group} of '${pattern}'`, 'the number of a group that is there', at)
  return name === 'regexp_replace'
    ? problem(`the replacement '${replacement}'`, replacementProblem(replacement), at)
    : []
}
