/** Decodes values that Athena prints. Types that Athena prints inexactly are converted to text by the query. */
import type { Value } from '../../definition/value-types.ts'
import type { EngineColumn } from '../../runtime.ts'
import { quote } from '../../sql/dialect.ts'

const elementOf = (type: string): string | undefined => /^array\((.*)\)$/s.exec(type)?.[1]
const isZoned = (type: string): boolean => type.endsWith('with time zone')

/**
 * Whether Athena prints values of the type exactly and in a documented form. For other types, it may cut instants to
 * milliseconds and 32-bit floats to fewer digits. Bytes have another form, and list elements are not separable.
 */
export const isPlain = (type: string): boolean =>
  /^(boolean|tinyint|smallint|integer|bigint|double|decimal|varchar|char|date|unknown)\b/.test(type)

/** SQL that converts an expression to its exact text. */
function textOf(type: string, expression: string): string {
  const element = elementOf(type)
  if (element !== undefined)
    return `json_format(cast(transform(${expression}, e -> ${textOf(element, 'e')}) as json))`
  if (type === 'varbinary') return `to_hex(${expression})`
  // Trino prints a real with seven digits, which may be too few.
  if (type === 'real') return `cast(cast(${expression} as double) as varchar)`
  if (isZoned(type)) return `cast(cast(${expression} at time zone 'UTC' as timestamp(6)) as varchar)`
  return type === 'json' ? `json_format(${expression})` : `cast(${expression} as varchar)`
}

/** Wraps a query with known columns so that each column is a text for {@link decode}. */
export const textQuery = (columns: readonly EngineColumn[], sql: string): string =>
  `select ${columns.map(({ name, type }) => `${textOf(type, `q.${quote(name)}`)} as ${quote(name)}`).join(', ')} from (\n${sql}\n) q`

/** Microseconds since 1970 of `YYYY-MM-DD HH:MM:SS[.f…]`. */
function instant(text: string): bigint {
  const [, date, time, fraction = ''] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?/.exec(text) ?? []
  if (date === undefined) throw new TypeError(`'${text}' is no instant of the years 0001 to 9999`)
  return BigInt(Date.parse(`${date}T${time}Z`)) * 1_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6))
}

/**
 * Decodes a text to its value; a decimal becomes a number, as in DuckDB.
 * @throws {TypeError} if no value type corresponds to the type
 */
export function decode(type: string, text: string): Value {
  const element = elementOf(type)
  if (element !== undefined) {
    // textQuery produced this text: a JSON list of texts and nulls.
    const items = JSON.parse(text) as readonly (string | null)[]
    return items.map(item => (item === null ? null : decode(element, item))) as Value
  }
  if (type.startsWith('timestamp')) return instant(text)
  switch (/^\w+/.exec(type)?.[0]) {
    case 'boolean':
      return text === 'true'
    case 'bigint':
      return BigInt(text)
    case 'real':
      return Math.fround(Number(text))
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'double':
    case 'decimal':
      return Number(text)
    case 'varbinary':
      return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
    case 'varchar':
    case 'char':
    case 'date':
    case 'json':
      return text
    default:
      throw new TypeError(`Athena's type ${type} has no place among the value types`)
  }
}
