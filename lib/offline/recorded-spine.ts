/** The spine of a replay: entities and instants of recorded answers, written into the query itself. */
import type { Column } from '../compiler/plan.ts'
import type { Micros } from '../point-in-time.ts'
import { literal, quote, timestampLiteral } from './dialect.ts'
import { SPINE_ROW } from './point-in-time-join.ts'
import { EVENT } from './table.ts'

/** A row of the spine. */
export interface RecordedPoint {
  readonly number: number
  /** The texts of its keys, those of bytes in base64. */
  readonly keys: readonly string[]
  readonly instant: Micros
}

/** Athena takes 256 KB of SQL. */
const MAX_SQL_BYTES = 200_000

/** No SQL text can hold a NUL, but a key can. */
const text = (key: string): string => key.split('\0').map(literal).join(' || chr(0) || ')

/** SELECTs that between them have all points, as texts in the columns of a spine that is numbered. */
export function recordedSpines(
  joinKeys: readonly Column[],
  points: readonly RecordedPoint[],
): readonly string[] {
  const chunks: string[][] = []
  let bytes = MAX_SQL_BYTES
  for (const { number, keys, instant } of points) {
    const tuple = `(${[String(number), ...keys.map(text), timestampLiteral(instant)].join(', ')})`
    bytes += Buffer.byteLength(tuple) + 2
    if (bytes > MAX_SQL_BYTES) {
      chunks.push([])
      bytes = Buffer.byteLength(tuple)
    }
    chunks.at(-1)?.push(tuple)
  }
  return chunks.map(tuples => spine(joinKeys, tuples))
}

function spine(joinKeys: readonly Column[], tuples: readonly string[]): string {
  const keys = joinKeys.map(({ name, type }, i) => {
    const value = `cast(quern_k${i + 1} as varchar)`
    return `${type === 'bytes' ? `from_base64(${value})` : value} as ${quote(name)}`
  })
  const columns = [
    `cast(quern_number as bigint) as ${SPINE_ROW}`,
    ...keys,
    `quern_instant as ${quote(EVENT)}`,
  ]
  const names = ['quern_number', ...joinKeys.map((_, i) => `quern_k${i + 1}`), 'quern_instant']
  return `select ${columns.join(', ')} from (values ${tuples.join(', ')}) v (${names.join(', ')})`
}
