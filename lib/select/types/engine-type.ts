/** Types of values as DuckDB names them, by the kinds that functions and operators tell apart. */
export type EngineType = string

export type Family =
  | 'integer'
  | 'decimal'
  | 'floating'
  | 'varchar'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'varbinary'
  | 'interval'
  | 'array'
  | 'null'
  | 'other'

const FAMILIES: readonly (readonly [RegExp, Family])[] = [
  [/\[\]$/, 'array'],
  [/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/, 'integer'],
  [/^DECIMAL/, 'decimal'],
  [/^(FLOAT|DOUBLE|REAL)$/, 'floating'],
  [/^VARCHAR$/, 'varchar'],
  [/^BOOLEAN$/, 'boolean'],
  [/^DATE$/, 'date'],
  [/^TIMESTAMP/, 'timestamp'],
  [/^BLOB$/, 'varbinary'],
  [/^INTERVAL$/, 'interval'],
  [/^NULL$/, 'null'],
]

export const familyOf = (type: EngineType): Family =>
  FAMILIES.find(([name]) => name.test(type))?.[1] ?? 'other'

export const elementOf = (type: EngineType): EngineType | null =>
  type.endsWith('[]') ? type.slice(0, -2) : null

/** From narrow to wide: what meets becomes the wider of the two. */
const WIDTHS = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'DECIMAL', 'FLOAT', 'DOUBLE'] as const
const BIGINT = WIDTHS.indexOf('BIGINT')
const widthOf = (type: EngineType): number => WIDTHS.findIndex(name => type.startsWith(name))

/** What two types become where one value of both is made; null if nothing is known of either, or if they have nothing in common. */
export function commonType(a: EngineType | null, b: EngineType | null): EngineType | null {
  if (a === null || b === null) return null
  const [one, other] = [familyOf(a), familyOf(b)]
  if (a === b || other === 'null') return a
  if (one === 'null') return b
  if (one === 'array' && other === 'array') {
    const element = commonType(elementOf(a), elementOf(b))
    return element === null ? null : `${element}[]`
  }
  if (NUMBERS.has(one) && NUMBERS.has(other)) return wider(a, b)
  if (one === other) return one === 'timestamp' ? 'TIMESTAMP' : one === 'other' ? null : a
  return INSTANTS.has(one) && INSTANTS.has(other) ? 'TIMESTAMP' : null
}

const NUMBERS: ReadonlySet<Family> = new Set(['integer', 'decimal', 'floating'])
const INSTANTS: ReadonlySet<Family> = new Set(['date', 'timestamp'])

/** Whole numbers without a sign are none of Athena's: they fit into a bigint, or fail there. */
function wider(a: EngineType, b: EngineType): EngineType {
  const [one, other] = [widthOf(a), widthOf(b)]
  if (one < 0 || other < 0) return Math.max(one, other) > BIGINT ? (one > other ? a : b) : 'BIGINT'
  return one === other ? 'DECIMAL(38,10)' : one > other ? a : b
}

/** As Athena writes the type, for messages. */
export const nameOf = (type: EngineType): string => {
  const family = familyOf(type)
  if (family === 'array') return `array(${nameOf(elementOf(type) ?? '')})`
  if (family === 'timestamp') return 'timestamp'
  if (family === 'varbinary') return 'varbinary'
  return type === 'FLOAT' ? 'real' : type.toLowerCase()
}
