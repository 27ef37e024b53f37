/** A person's query over tables, with the same meaning on every engine. */
import { over } from '../../offline/ingest/source-rows.ts'
import type { OfflineEngine } from '../../runtime.ts'
import { type Problem, selectProblems, type Tables, type TypedColumn } from '../../select/index.ts'
import { StoreError } from '../../store-error.ts'

type Engine = Pick<OfflineEngine, 'admit' | 'dialect' | 'columns'>

export interface TableQuery {
  readonly text: string
  /** For messages, such as `--spine`. */
  readonly name: string
  /** SQL that stands after FROM, by the names that the query gives the tables. */
  readonly tables: Readonly<Record<string, string>>
  /** For messages: the names of all tables that it could have named. @default those that it names */
  readonly known?: readonly string[]
  /** May it take any rows, by a limit without an order? @default false */
  readonly isSample?: boolean
}

/**
 * SQL that stands after FROM.
 * @throws {StoreError} `not-portable`: Athena would refuse it, or mean something else by it; `query-refused`
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
