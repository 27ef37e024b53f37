/**
 * The bench's data in Trino: the views of ../data.ts and a spine, made by SQL from row numbers and hashes, so that the
 * same shape is the same data. Histories stand in quern's own Iceberg tables, added as its batches are.
 */

import { addBatch, createTable, queryName, type TableName } from '../../lib/offline/iceberg.ts'
import { tableColumns } from '../../lib/offline/table.ts'
import type { ViewPlan } from '../../lib/plan/plan.ts'
import { timestampLiteral } from '../../lib/sql/dialect.ts'
import { translate } from '../../test/conformance/athena-translations.ts'
import { type BenchFeature, featuresOf, type ViewName } from '../data.ts'

export interface Shape {
  readonly name: string
  readonly views: readonly ViewName[]
  /** Events of each view. */
  readonly rows: number
  readonly entities: number
  readonly spineRows: number
  /** Days of the history. */
  readonly days: number
  /** Last days of the history, over which the spine is spread. */
  readonly spineDays: number
  /** Share of the rows, of history and spine, that are one entity's. */
  readonly hotPercent: number
}

const DATABASE = 'quern'
const START_MS = Date.parse('2025-01-01T00:00:00Z')
const DAY_MS = 86_400_000
/** Days in a batch: a statement opens at most 100 partitions. */
const BATCH_DAYS = 90

const micros = (ms: number): bigint => BigInt(ms) * 1_000n
const instant = (day: number): string => timestampLiteral(micros(START_MS + day * DAY_MS))

/** Within which the spine lies. */
export const boundsMs = ({ days, spineDays }: Shape) => ({
  first: START_MS + (days - spineDays) * DAY_MS,
  last: START_MS + days * DAY_MS,
})

/** A whole number from 0 to `below` (exclusive) that depends on the row and a salt. */
const draw = (salt: string, below: number): string =>
  `bitwise_and(from_big_endian_64(xxhash64(to_utf8(cast(i as varchar) || '${salt}'))), ${Number.MAX_SAFE_INTEGER}) % ${below}`

/** Numbers from 0 to `below` (exclusive), a multiple of 1,000. */
const numbers = (below: number): string =>
  `(select x * 1000 + y as i from unnest(sequence(0, ${below / 1_000 - 1})) a (x) cross join unnest(sequence(0, 999)) b (y)) n`

function value({ name, kind }: BenchFeature): string {
  switch (kind) {
    case 'float':
      return `if(${draw(`${name} null`, 50)} = 0, null, ${draw(name, 1_000_000_000)} / 1e3)`
    case 'whole':
      return draw(name, 1_000_000)
    case 'text':
      return `'segment-' || cast(${draw(name, 1_000)} as varchar)`
  }
}

const customer = (salt: string, { entities, hotPercent }: Shape): string =>
  `if(${draw(`${salt} hot`, 100)} < ${hotPercent}, 0, ${draw(`${salt} customer`, entities)})`

const time = (salt: string, first: string, days: number): string =>
  `${first} + ${draw(salt, days * DAY_MS)} * interval '0.001' second`

const eventsSql = (view: ViewName, shape: Shape): string => `select ${customer(view, shape)} as customer_id,
  ${time(`${view} time`, instant(0), shape.days)} as event_timestamp, ${instant(shape.days)} as created_timestamp,
  lpad(to_hex(xxhash64(to_utf8(cast(i as varchar)))), 34, '0') as row_hash,
  ${featuresOf(view)
    .map(feature => `${value(feature)} as ${feature.name}`)
    .join(', ')}
from ${numbers(shape.rows)}`

const spineSql = (shape: Shape): string => `select i as spine_row, ${customer('spine', shape)} as customer_id,
  ${time('spine time', instant(shape.days - shape.spineDays), shape.spineDays)} as event_timestamp, ${draw('label', 2)} as label
from ${numbers(shape.spineRows)}`

/** In the order of the spine's table. */
export const SPINE_COLUMNS = ['spine_row', 'customer_id', 'event_timestamp', 'label'] as const

const named = (what: string, { name }: Shape): TableName => ({
  database: DATABASE,
  table: `${what}_${name.replaceAll(/\W+/g, '_')}`,
})
export const viewTable = (view: string, shape: Shape): TableName => named(view, shape)
export const spineTable = (shape: Shape): TableName => named('spine', shape)

function historySql(view: ViewPlan, shape: Shape, bucket: string): readonly string[] {
  const name = viewTable(view.name, shape)
  const columns = tableColumns(view).map(column => column.name)
  const batches = Array.from({ length: Math.ceil(shape.days / BATCH_DAYS) }, (_, after) => {
    const days = `event_timestamp >= ${instant(after * BATCH_DAYS)} and event_timestamp < ${instant((after + 1) * BATCH_DAYS)}`
    // The bench's views are named by ViewName.
    const rows = `select ${columns.join(', ')} from (${eventsSql(view.name as ViewName, shape)}) e where ${days}`
    return addBatch({ view, name, rows, batch: `batch-${after + 1}`, created: micros(START_MS), after })
  })
  return [...translate(createTable(view, name, `s3://${bucket}/bench/${name.table}`)), ...batches]
}

/** The statements that make and fill a shape's tables. */
export const tablesSql = (views: readonly ViewPlan[], shape: Shape, bucket: string): readonly string[] => [
  ...views.flatMap(view => historySql(view, shape, bucket)),
  `create table ${queryName(spineTable(shape))} as ${spineSql(shape)}`,
]
