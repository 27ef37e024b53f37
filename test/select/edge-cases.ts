/** Generated expressions: each allowed function with edge values of its types, each operator and each cast. */
import { CASTS } from '../../lib/select/casts.ts'
import { FUNCTIONS, type KnownFunction } from '../../lib/select/functions/index.ts'
import { parseSignature } from '../../lib/select/signatures.ts'
import { EDGES, TEXTS } from './edge-values.ts'

/** The types that T stands for. */
const ANY = ['bigint', 'double', 'varchar', 'date'] as const

const edgesOf = (type: string): readonly string[] => EDGES[type] ?? []

/** Literal arguments of functions that require them. */
const LITERALS: Readonly<Record<string, Readonly<Record<number, readonly string[]>>>> = {
  round: { 1: ['0', '2', '-1'] },
  date_trunc: { 0: units() },
  date_diff: { 0: units() },
  date_add: { 0: units() },
  date_format: { 1: ["'%Y-%m-%d %H:%i:%s'", "'%y%j'", "'%a %b'", "'%W %M'"] },
  date_parse: { 0: ["'2024-01-05'", "'2024-1-5'", "''"], 1: ["'%Y-%m-%d'"] },
  from_iso8601_date: { 0: ["'2024-01-05'"] },
  date: { 0: ["'2024-01-05'", "date '2024-01-05'", "timestamp '2024-01-05 10:11:12'"] },
  chr: { 0: ['65', '233', '128512'] },
  regexp_like: { 1: patterns() },
  regexp_extract: { 1: ["'(a)(b)'", "'([a-c]+)(-)'"], 2: ['1', '2'] },
  regexp_extract_all: { 1: patterns() },
  regexp_replace: { 1: ["'(a)(.)'", "'[^a]+()'"].slice(0, 1), 2: ["'Z'", "'$2$1'", "''"] },
}

function units(): readonly string[] {
  return ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'].map(unit => `'${unit}'`)
}

function patterns(): readonly string[] {
  return ["'a'", "'[a-c]+'", "'a|b'", "'^a'", "'c$'", "'[^a]'", "'.'", "'a{1,2}'", "'[é😀]'"]
}

/** All combinations. For more than two lists, up to a maximum. */
function product(lists: readonly (readonly string[])[], bound = 120): readonly (readonly string[])[] {
  const all = lists.reduce<readonly (readonly string[])[]>(
    (rows, list) => rows.flatMap(row => list.map(each => [...row, each])),
    [[]],
  )
  const step = Math.max(1, Math.ceil(all.length / bound))
  return all.filter((_, i) => i % step === 0)
}

function argumentLists(name: string, signature: string): readonly (readonly string[])[] {
  const { parameters, isOpen } = parseSignature(signature)
  const all = isOpen ? [...parameters, parameters.at(-1) ?? ''] : parameters
  const types = signature.includes('T') ? ANY : ['bigint']
  return types.flatMap(t =>
    product(all.map((parameter, i) => LITERALS[name]?.[i] ?? edgesOf(parameter.replaceAll('T', t)))),
  )
}

const LAMBDAS = ['transform', 'filter', 'any_match', 'all_match', 'none_match']
const WITHOUT_PARENTHESES = ['current_date', 'localtimestamp']

function calls(name: string, { signatures, rounded = false }: KnownFunction): readonly string[] {
  if (WITHOUT_PARENTHESES.includes(name)) return [`${name} > date '2020-01-01'`]
  if (LAMBDAS.includes(name))
    return edgesOf('array(bigint)').flatMap(array => [
      `${name}(${array}, x -> x > 1)`,
      `${name}(${array}, x -> x is null)`,
    ])
  return signatures
    .flatMap(signature => argumentLists(name, signature))
    .map(args => `${name}(${args.join(', ')})`)
    .map(call => (rounded ? `round(${call}, 6)` : call))
}

const NUMBERS = ['bigint', 'double', 'decimal'] as const
const OPERATORS = ['+', '-', '*', '/', '%', '=', '<>', '<', '>=', 'is distinct from'] as const

const operators = (): readonly string[] => [
  ...NUMBERS.flatMap(a =>
    NUMBERS.flatMap(b =>
      OPERATORS.flatMap(op => product([edgesOf(a), edgesOf(b)], 40).map(([x, y]) => `${x} ${op} (${y})`)),
    ),
  ),
  ...(['varchar', 'date', 'timestamp', 'boolean'] as const).flatMap(type =>
    ['=', '<', 'is distinct from'].flatMap(op =>
      product([edgesOf(type), edgesOf(type)], 60).map(([x, y]) => `${x} ${op} ${y}`),
    ),
  ),
  ...['second', 'day', 'month', 'year'].flatMap(unit =>
    [...edgesOf('date'), ...edgesOf('timestamp')].flatMap(x => [
      `${x} + interval '1' ${unit}`,
      `${x} - interval '13' ${unit} * 2`,
    ]),
  ),
  ...edgesOf('varchar').flatMap(x => ["'a%'", "'_'", "'%b'", "''"].map(pattern => `${x} like ${pattern}`)),
  ...edgesOf('double').flatMap(x => [
    `${x} in (1e0, nan())`,
    `${x} between -1e0 and 1e0`,
    `case ${x} when 1e0 then 'one' else 'other' end`,
  ]),
  ...edgesOf('array(bigint)').flatMap(x => [`${x}[1]`, `${x} || ${x}`]),
]

const TYPES: Readonly<Record<string, string>> = {
  decimal: 'decimal(10, 2)',
  array: 'array(varchar)',
  timestamp: 'timestamp(6)',
}

const casts = (): readonly string[] =>
  Object.entries(CASTS).flatMap(([to, { from }]) => {
    const type = TYPES[to] ?? to
    const values = from.flatMap(each => (each === 'array' ? edgesOf('array(bigint)') : edgesOf(each)))
    const texts = from.includes('varchar') ? TEXTS.map(each => `'${each}'`) : []
    return [...values, ...texts].flatMap(value => [
      `cast(${value} as ${type})`,
      `try_cast(${value} as ${type})`,
    ])
  })

/** Grouped by topic, with one row each. The generated SELECTs cover aggregates. */
export const EDGE_CASES: Readonly<Record<string, readonly string[]>> = {
  operators: operators(),
  casts: [...casts(), ...TEXTS.map(each => `try_cast('${each}' as timestamp)`)],
  ...Object.fromEntries(
    [...FUNCTIONS]
      .filter(([, { kind }]) => kind === 'scalar')
      .map(([name, known]) => [name, calls(name, known)] as const),
  ),
}
