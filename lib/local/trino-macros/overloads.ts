/** Macros of DuckDB as data: a name, and for each choice of types what it is. */
export interface Macro {
  readonly name: string
  /** `(s VARCHAR) as …`, one for each choice of types. */
  readonly overloads: readonly string[]
}

export const define = (name: string, ...overloads: readonly string[]): Macro => ({ name, overloads })

/** What Athena would not run either; Athena's own words are not repeated. */
export const failing = (message: string): string => `error('${message.replaceAll("'", "''")}')`

/** Instants with a zone are those of UTC. */
export const ofInstant = (body: (x: string) => string): readonly string[] => [
  `(x TIMESTAMP) as ${body('x')}`,
  `(x TIMESTAMPTZ) as ${body('cast(x as timestamp)')}`,
]

/** Types whose values have an order, in Athena as here; a `t` argument stands for its type alone. */
export const ORDERED = ['BIGINT', 'DECIMAL', 'VARCHAR', 'BOOLEAN', 'DATE', 'TIMESTAMP', 'TIMESTAMPTZ', 'BLOB', 'INTERVAL'] as const
export const FLOATING = ['DOUBLE', 'FLOAT'] as const

/** Over two values of one type; of floats, which may be NaN, by another rule. */
export const ofPair = (body: string, ofFloats: string): readonly string[] => [
  ...ORDERED.map(type => `(ta ${type}, tb ${type}, a, b) as ${body}`),
  ...FLOATING.map(type => `(ta ${type}, tb ${type}, a, b) as ${ofFloats}`),
]
