/**
 * The bench measures the cost of quern's verbs, next to a peer on the same data and machine: `npm run bench --
 * --help`. It may import lib/ and lambdas/, and nothing imports it. A benchmark is never a test, and tests are not
 * timed.
 *
 * The data: events of customers in thirty days for two views, and a spine. DuckDB generates it from row numbers and
 * hashes, so that the same shape gives the same data.
 */

import type { ValueType } from '../lib/definition/value-types.ts'
import { contentHash } from '../lib/text/canonical.ts'

export interface Shape {
  /** Events of each view. */
  readonly rows: number
  readonly entities: number
  readonly spineRows: number
}

export const VIEWS = ['orders', 'visits'] as const
export type ViewName = (typeof VIEWS)[number]

const KINDS = {
  float: { type: 'float64', count: 5 },
  whole: { type: 'int64', count: 3 },
  text: { type: 'string', count: 2 },
} as const satisfies Record<string, { type: ValueType; count: number }>
type Kind = keyof typeof KINDS

export interface BenchFeature {
  readonly name: string
  readonly kind: Kind
  readonly type: ValueType
}

/** Ten features of mixed types. */
export const featuresOf = (view: ViewName): readonly BenchFeature[] =>
  Object.entries(KINDS).flatMap(([kind, { type, count }]) =>
    Array.from({ length: count }, (_, i) => ({ name: `${view}_${kind}_${i}`, kind: kind as Kind, type })),
  )

export const TTL_DAYS = 7
const DAYS = 30
const START = '2026-01-01 00:00:00'
/** Milliseconds since 1970 at which all events are over: where the bench's clock stands. */
export const END_MS = Date.parse(`${START.replace(' ', 'T')}Z`) + DAYS * 86_400_000

/** A whole number from 0 to `below` (exclusive) that depends on the row and a salt. */
export const draw = (salt: string, below: number): string => `cast(hash(i, '${salt}') % ${below} as bigint)`

const instant = (salt: string): string =>
  `timestamp '${START}' + to_milliseconds(${draw(salt, DAYS * 86_400_000)})`

function value({ name, kind }: BenchFeature): string {
  switch (kind) {
    case 'float':
      return `case when ${draw(`${name} null`, 50)} = 0 then null else ${draw(name, 1_000_000_000)} / 1000.0 end`
    case 'whole':
      return draw(name, 1_000_000)
    case 'text':
      return `concat('segment-', ${draw(name, 1_000)})`
  }
}

/** Each customer has as many events as any other; the file is in the order of time, as a log is. */
export const eventsSql = (view: ViewName, { rows, entities }: Shape): string => `
  select i % ${entities} as customer_id, ${instant(`${view} time`)} as event_timestamp,
    ${featuresOf(view)
      .map(feature => `cast(${value(feature)} as ${DUCKDB[feature.kind]}) as ${feature.name}`)
      .join(', ')}
  from range(${rows}) t(i) order by event_timestamp, i`

const DUCKDB = { float: 'double', whole: 'bigint', text: 'varchar' } as const satisfies Record<Kind, string>

export const spineSql = ({ spineRows, entities }: Shape): string => `
  select i as spine_id, ${draw('spine customer', entities)} as customer_id,
    ${instant('spine time')} as event_timestamp, ${draw('label', 2)} as label
  from range(${spineRows}) t(i) order by i`

/** Identifies the data by its shape and the state of this file. */
export const dataId = (shape: Shape): string =>
  `${shape.rows}-rows-${contentHash([...VIEWS.map(view => eventsSql(view, shape)), spineSql(shape)]).slice(0, 8)}`
