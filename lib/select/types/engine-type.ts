/** Types as DuckDB names them, in the families that functions and operators distinguish. */
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

/** From narrow to wide. The common type of two is the wider one. */
const WIDTHS = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'DECIMAL', 'FLOAT', 'DOUBLE'] as const
const BIGINT = WIDTHS.indexOf('BIGINT')
const widthOf = (type: EngineType): number => WIDTHS.findIndex(name => type.startsWith(name))

/** The common type of two types; null if one is unknown or they have none. */
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

/** Athena has no unsigned types. Such values fit into a bigint, or fail in the cast. */
function wider(a: EngineType, b: EngineType): EngineType {
  const [one, other] = [widthOf(a), widthOf(b)]
  if (one < 0 || other < 0) return Math.max(one, other) > BIGINT ? (one > other ? a : b) : 'BIGINT'
  return one === other ? 'DECIMAL(38,10)' : one > other ? a : b
}

/** Athena's name of the type, for messages. */
export const nameOf = (type: EngineType): string => {
  const family = familyOf(type)
  if (family === 'array') return `array(${nameOf(elementOf(type) ?? '')})`
  if (family === 'timestamp') return 'timestamp'
  if (family === 'varbinary') return 'varbinary'
  return type === 'FLOAT' ? 'real' : type.toLowerCase()
}
