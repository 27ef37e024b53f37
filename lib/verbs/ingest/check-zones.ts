import { zoneExamples } from '../../offline/ingest/mixed-zones.ts'
import { type LocatedRows, type OfflineEngine, PLACE_COLUMNS } from '../../runtime.ts'
import { placeOf } from './refused-rows.ts'

export interface ZoneQuestion {
  /** See lib/offline/ingest/mixed-zones.ts. */
  readonly sql: string | null
  /** The rows with their places; null: they are in no file. */
  readonly located: (() => Promise<LocatedRows>) | null
  /** Is it a column whose values are not shown? */
  readonly isPersonal: (column: string) => boolean
}

/** What is wrong with instants whose texts name a zone here and there, in words; null if nothing is. */
export async function zoneFault(engine: OfflineEngine, question: ZoneQuestion): Promise<string | null> {
  const rows = question.sql === null ? [] : await engine.rows(question.sql)
  if (rows.length === 0) return null
  const columns = rows.map(row => String(row['quern_column']))
  const examples = await examplesOf(question, columns)
  const each = rows.map(
    ({ quern_column: column, zoned, zoneless }) =>
      `column ${column}: ${zoned} texts name a zone and ${zoneless} do not${examples.get(String(column)) ?? ''}`,
  )
  return `${each.join('; ')}, so that nobody can tell which zone those mean; write it into all of them (Z for UTC), or into none if all are UTC`
}

/** The first text of either kind in each column, and where it lies. */
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
