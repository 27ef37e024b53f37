/**
 * DuckDB behaves as Athena does: the macros that a SELECT's functions, operators and casts become (lib/select). They
 * stand in a schema of their own, so that quern's own SQL never meets them.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { SCHEMA } from '../../select/index.ts'
import { ARRAYS } from './arrays.ts'
import { CASTS } from './casts.ts'
import { COMPARISONS } from './comparisons.ts'
import { NUMBERS } from './numbers.ts'
import { TEXTS } from './texts.ts'
import { TIMES } from './times.ts'

const MACROS = [...COMPARISONS, ...NUMBERS, ...TEXTS, ...TIMES, ...ARRAYS, ...CASTS]

const trinoMacros = (): string =>
  [
    `create schema ${SCHEMA}`,
    ...MACROS.map(({ name, overloads }) => `create macro ${SCHEMA}."${name}" ${overloads.join(', ')}`),
  ].join(';')

const CALL = `${SCHEMA}."`

/** Makes the macros before the first statement that calls one: it takes a tenth of a second, which most commands save. */
export function macrosWhenUsed(connection: DuckDBConnection): (sql: string) => Promise<void> {
  let made: Promise<void> | undefined
  const make = async (): Promise<void> => void (await connection.run(trinoMacros()))
  return async sql => {
    if (!sql.includes(CALL)) return
    made ??= make()
    await made
  }
}

/** What DuckDB's binder says where no overload takes the types, in the words of a SELECT; null if it says something else. */
export function refusedTypes(message: string): string | null {
  const [, name] = /Macro "?(\w+)"?\(\) does not support the supplied arguments/.exec(message) ?? []
  return name === undefined
    ? null
    : `${name}: Athena does not take arguments of these types; cast them to one that it takes (docs/reference/sql.md)`
}
