/** A DuckDB macro as data: its name and overloads by argument types. */
export interface Macro {
  readonly name: string
  /** Overloads such as `(s VARCHAR) as …`, one per combination of argument types. */
  readonly overloads: readonly string[]
}

export const define = (name: string, ...overloads: readonly string[]): Macro => ({
  name,
  overloads: overloads.map(withWitnesses),
})

/**
 * `(a DOUBLE, b) as …` becomes `(a_ DOUBLE, b_, a, b) as …`. The typed parameters only select the overload, and the
 * values are passed again without a cast. A cast would cost a decimal its digits.
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

/** SQL that fails with a message. Athena's own message is not repeated. */
export const failing = (message: string): string => `error('${message.replaceAll("'", "''")}')`

/** Overloads for instants without and with a zone; the latter are converted to UTC. */
export const ofInstant = (body: (x: string) => string, before = ''): readonly string[] => [
  `(${before}x TIMESTAMP) as ${body('x')}`,
  `(${before}x TIMESTAMPTZ) as ${body('cast(x as timestamp)')}`,
]

/** Types with an order, in Athena and here. */
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

/** Overloads for two values of one type; floats have another body because they may be NaN. */
export const ofPair = (body: string, ofFloats: string): readonly string[] => [
  ...ORDERED.map(type => `(a ${type}, b ${type}) as ${body}`),
  ...FLOATING.map(type => `(a ${type}, b ${type}) as ${ofFloats}`),
]

/** Rounds an instant to milliseconds; halves round up. */
export const toMilliseconds = (x: string): string => `date_trunc('millisecond', ${x} + to_microseconds(500))`
