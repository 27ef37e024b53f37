/** A person's query over tables, with the same meaning on every engine. */
import { over } from '../offline/source-rows.ts'
import type { OfflineEngine } from '../runtime.ts'
import { Refused, type TypedColumn } from '../select/index.ts'
import { StoreError } from '../store-error.ts'

type Engine = Pick<OfflineEngine, 'dialect' | 'columns'>

/**
 * SQL that stands after FROM.
 * @param tables SQL that stands after FROM, by the names that the query gives them
 * @throws {StoreError} `not-portable`: Athena would refuse it, or mean something else by it
 */
export async function overTables(
  { dialect, columns }: Engine,
  tables: Readonly<Record<string, string>>,
  query: string,
): Promise<string> {
  if (dialect.select === null) return over(tables, query)
  const typed: Record<string, readonly TypedColumn[]> = {}
  for (const [name, relation] of Object.entries(tables))
    typed[name] = await columns(`select * from ${relation} t`)
  try {
    return over(tables, dialect.select(query, typed))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    throw new StoreError(
      'not-portable',
      `${error.got} does not mean the same on this machine and in Athena; write ${error.instead} (docs/reference/sql.md)`,
      { cause: error },
    )
  }
}
