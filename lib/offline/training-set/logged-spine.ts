/** The spine of a skew check: the entity keys and instants of the feature log, written into the query as values. */
import type { Column } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { literal, quote, timestampLiteral } from '../../sql/dialect.ts'
import { EVENT } from '../table.ts'
import { SPINE_ROW } from './point-in-time-join.ts'

/** A row of the spine. */
export interface LoggedPoint {
  readonly number: number
  /** The values as text; bytes in base64. */
  readonly values: readonly (string | null)[]
  readonly instant: Micros
}

/** Athena accepts queries of at most 256 KB. */
const MAX_SQL_BYTES = 200_000

/** SQL text cannot contain a NUL character, but a value can. */
const text = (value: string | null): string =>
  value === null ? 'null' : value.split('\0').map(literal).join(' || chr(0) || ')

/**
 * SELECTs that together contain all points, as numbered spine rows with these columns. Each SELECT stays below the
 * size limit of a query.
 */
export function loggedSpines(columns: readonly Column[], points: readonly LoggedPoint[]): readonly string[] {
  const chunks: string[][] = []
  let bytes = MAX_SQL_BYTES
  for (const { number, values, instant } of points) {
    const tuple = `(${[String(number), ...values.map(text), timestampLiteral(instant)].join(', ')})`
    bytes += Buffer.byteLength(tuple) + 2
    if (bytes > MAX_SQL_BYTES) {
      chunks.push([])
      bytes = Buffer.byteLength(tuple)
    }
    chunks.at(-1)?.push(tuple)
  }
  return chunks.map(tuples => spine(columns, tuples))
}

function spine(columns: readonly Column[], tuples: readonly string[]): string {
  const values = columns.map(({ name, type }, i) => {
    const value = `cast(quern_v${i + 1} as varchar)`
    return `${type === 'bytes' ? `from_base64(${value})` : value} as ${quote(name)}`
  })
  const select = [
    `cast(quern_number as bigint) as ${SPINE_ROW}`,
    ...values,
    `quern_instant as ${quote(EVENT)}`,
  ]
  const names = ['quern_number', ...columns.map((_, i) => `quern_v${i + 1}`), 'quern_instant']
  return `select ${select.join(', ')} from (values ${tuples.join(', ')}) v (${names.join(', ')})`
}
