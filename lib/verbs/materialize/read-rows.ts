/** Reads the rows of Parquet files that engines unload, without an engine. */
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { shapeOf, type Value } from '../../definition/value-types.ts'
import { CREATED, EVENT, ROW_HASH, rowColumns } from '../../offline/table.ts'
import type { ViewRow } from '../../online/item/item.ts'
import type { Column, ViewPlan } from '../../plan/plan.ts'
import type { ByteRange } from '../../runtime.ts'

const MS_A_DAY = 86_400_000

/** Avoids JavaScript's Date, which would lose microseconds, and would add a time of day to dates. */
const EXACT = {
  timestampFromMilliseconds: (ms: bigint) => ms * 1_000n,
  timestampFromMicroseconds: (micros: bigint) => micros,
  timestampFromNanoseconds: (nanos: bigint) => nanos / 1_000n,
  dateFromDays: (days: number) => new Date(days * MS_A_DAY).toISOString().slice(0, 10),
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && UTF8.decode(bytes),
}
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })

export interface RowRange {
  /** First row, from 0. */
  readonly from: number
  /** The row after the last one. */
  readonly to: number
}

/** Rows per batch: few, so that the garbage collector frees their objects while they are young. */
const BATCH_ROWS = 256

/** A row of a Parquet file, with the values that the Parquet reader returns. */
export type RawRow = Readonly<Record<string, unknown>>

/** Reads a range of rows of a file with a view's offline columns, one row group at a time, in batches. */
export async function* readRows(
  file: ByteRange,
  view: ViewPlan,
  range: RowRange,
  batchRows = BATCH_ROWS,
): AsyncGenerator<readonly ViewRow[]> {
  for await (const rows of rawRows(file, range, batchRows)) yield rows.map(row => viewRow(view, row))
}

/** Reads a range of rows of any file that an engine unloaded, one row group at a time, in batches. */
export async function* rawRows(
  file: ByteRange,
  { from, to }: RowRange,
  batchRows = BATCH_ROWS,
): AsyncGenerator<readonly RawRow[]> {
  const metadata = await parquetMetadataAsync(file)
  let start = 0
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows)
    const [rowStart, rowEnd] = [Math.max(from, start), Math.min(to, end)]
    start = end
    if (rowStart >= rowEnd) continue
    const options = { file, metadata, rowStart, rowEnd, utf8: false, parsers: EXACT }
    const rows = await parquetReadObjects(options)
    for (let i = 0; i < rows.length; i += batchRows) yield rows.slice(i, i + batchRows)
  }
}

const viewRow = (view: ViewPlan, row: RawRow): ViewRow => ({
  keys: view.joinKeys.map(column => valueIn(row, column)),
  // The two timestamps and the hash have these types in every offline table (lib/offline/table.ts).
  eventTimestamp: row[EVENT] as bigint,
  createdTimestamp: (row[CREATED] ?? null) as bigint | null,
  rowHash: row[ROW_HASH] as string,
  features: rowColumns(view).map(column => valueIn(row, column)),
})

/** Returns the value in the value type's form. Only vectors need a conversion: Parquet holds them as lists. */
export function valueIn(row: RawRow, { name, type }: Column): Value {
  const value = row[name] ?? null
  if (value === null) return null
  return shapeOf(type).kind === 'vector' ? Float32Array.from(value as number[]) : (value as Value)
}
