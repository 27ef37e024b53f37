/** Runs a user's query over tables, with the same result on every engine. */
import { over } from '../../offline/ingest/source-rows.ts'
import type { OfflineEngine } from '../../runtime.ts'
import { type Problem, selectProblems, type Tables, type TypedColumn } from '../../select/index.ts'
import { StoreError } from '../../store-error.ts'

type Engine = Pick<OfflineEngine, 'admit' | 'dialect' | 'columns'>

export interface TableQuery {
  readonly text: string
  /** The query's name in messages, such as `--spine`. */
  readonly name: string
  /** The SQL after FROM, by the table names that the query uses. */
  readonly tables: Readonly<Record<string, string>>
  /** For messages: the names of all tables that the query may use. @default the names in `tables` */
  readonly known?: readonly string[]
  /** Whether a limit without an order is allowed, which returns arbitrary rows. @default false */
  readonly isSample?: boolean
}

/**
 * Returns the SQL after FROM that reads the query's result.
 * @throws {StoreError} `not-portable` if Athena would refuse the query or give another result; `query-refused`
 */
export async function overTables(engine: Engine, query: TableQuery): Promise<string> {
  const { text, name, tables, known, isSample = false } = query
  const { select } = engine.dialect
  const names = Object.keys(tables)
  const typed = select === null ? untyped(names) : await columnsOf(engine, tables)
  const [problem] = selectProblems(text, typed, { isSample })
  if (problem !== undefined) {
    await engine.admit?.({ name, text, tables: known ?? names })
    throw refused(name, problem)
  }
  if (select === null) return over(tables, text)
  const sql = select(text, typed)
  await engine.admit?.({ name, text: sql, tables: names })
  return over(tables, sql)
}

const untyped = (names: readonly string[]): Tables => Object.fromEntries(names.map(name => [name, null]))

async function columnsOf(engine: Engine, tables: Readonly<Record<string, string>>): Promise<Tables> {
  const typed: Record<string, readonly TypedColumn[]> = {}
  for (const [name, relation] of Object.entries(tables))
    typed[name] = await engine.columns(`select * from ${relation} t`)
  return typed
}

const refused = (name: string, { got, instead }: Problem): StoreError =>
  new StoreError(
    'not-portable',
    `${name}: ${got} does not mean the same on this machine and in Athena; write ${instead} (docs/reference/sql.md)`,
  )
