/** Macros of DuckDB as data: a name, and for each choice of types what it is. */
export interface Macro {
  readonly name: string
  /** `(s VARCHAR) as …`, one for each choice of types. */
  readonly overloads: readonly string[]
}

export const define = (name: string, ...overloads: readonly string[]): Macro => ({
  name,
  overloads: overloads.map(withWitnesses),
})

/**
 * `(a DOUBLE, b) as …` becomes `(a_ DOUBLE, b_, a, b) as …`: an overload is chosen by witnesses of the types, and the
 * values themselves are not cast to them. A decimal would lose its digits.
 */
function withWitnesses(overload: string): string {
  const [, header = '', body = ''] = /^\(([^)]*)\) as ([\s\S]*)$/.exec(overload) ?? []
  const parameters = header
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '')
  const witnesses = parameters.map(each => each.replace(/^\w+/, '$&_'))
  return `(${[...witnesses, ...parameters.map(each => each.replace(/ .*/, ''))].join(', ')}) as ${body}`
}

/** What Athena would not run either; Athena's own words are not repeated. */
export const failing = (message: string): string => `error('${message.replaceAll("'", "''")}')`

/** Instants with a zone are those of UTC. */
export const ofInstant = (body: (x: string) => string, before = ''): readonly string[] => [
  `(${before}x TIMESTAMP) as ${body('x')}`,
  `(${before}x TIMESTAMPTZ) as ${body('cast(x as timestamp)')}`,
]

/** Types whose values have an order, in Athena as here. */
const ORDERED = [
  'BIGINT',
  'DECIMAL',
  'VARCHAR',
  'BOOLEAN',
  'DATE',
  'TIMESTAMP',
  'TIMESTAMPTZ',
  'BLOB',
  'INTERVAL',
] as const
const FLOATING = ['DOUBLE', 'FLOAT'] as const

/** Over two values of one type; of floats, which may be NaN, by another rule. */
export const ofPair = (body: string, ofFloats: string): readonly string[] => [
  ...ORDERED.map(type => `(a ${type}, b ${type}) as ${body}`),
  ...FLOATING.map(type => `(a ${type}, b ${type}) as ${ofFloats}`),
]

/** An instant in milliseconds; halves go up. */
export const toMilliseconds = (x: string): string => `date_trunc('millisecond', ${x} + to_microseconds(500))`
