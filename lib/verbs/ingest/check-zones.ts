import { zoneExamples } from '../../offline/ingest/mixed-zones.ts'
import { type LocatedRows, type OfflineEngine, PLACE_COLUMNS } from '../../runtime.ts'
import { placeOf } from './refused-rows.ts'

export interface ZoneQuestion {
  /** See lib/offline/ingest/mixed-zones.ts. */
  readonly sql: string | null
  /** The rows with their places in files; null: the rows are not in files. */
  readonly located: (() => Promise<LocatedRows>) | null
  /** Whether the column is PII. Messages do not show its values. */
  readonly isPersonal: (column: string) => boolean
}

/** Describes timestamp columns in which some texts have a time zone and others do not; null if there are none. */
export async function zoneFault(engine: OfflineEngine, question: ZoneQuestion): Promise<string | null> {
  const rows = question.sql === null ? [] : await engine.rows(question.sql)
  if (rows.length === 0) return null
  const columns = rows.map(row => String(row['quern_column']))
  const examples = await examplesOf(question, columns)
  const each = rows.map(
    ({ quern_column: column, zoned, zoneless }) =>
      `column ${column}: ${zoned} texts name a zone and ${zoneless} do not${examples.get(String(column)) ?? ''}`,
  )
  return `${each.join('; ')}, so the time zone of the others is unknown; write it into all of them (Z for UTC), or into none if all are UTC`
}

/** For each column, the first text with a zone and the first without, each with its place. */
async function examplesOf(
  { located, isPersonal }: ZoneQuestion,
  columns: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  if (located === null) return found
  const { engine, relation } = await located()
  for (const column of columns) {
    const rows = await engine.rows(
      zoneExamples(engine.dialect, column, relation, Object.values(PLACE_COLUMNS)),
    )
    const texts = rows.map(
      row => `${isPersonal(column) ? 'a value' : `'${row['quern_text']}'`} in ${placeOf(row)}`,
    )
    if (texts.length > 0) found.set(column, ` (${texts.join(' and ')})`)
  }
  return found
}
