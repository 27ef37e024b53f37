/**
 * Macros that make DuckDB behave like Athena. lib/select translates functions, operators and casts of a SELECT to
 * these macros. They have their own schema, so that quern's own SQL never calls them.
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

/**
 * Creates the macros before the first statement that calls one. This takes about 0.1 s, which most commands do not
 * need.
 */
export function macrosWhenUsed(connection: DuckDBConnection): (sql: string) => Promise<void> {
  let made: Promise<void> | undefined
  const make = async (): Promise<void> => void (await connection.run(trinoMacros()))
  return async sql => {
    if (!sql.includes(CALL)) return
    made ??= make()
    await made
  }
}

/** Converts DuckDB's binder error for unsupported argument types to a message for the SELECT; null for any other error. */
export function refusedTypes(message: string): string | null {
  const [, name] = /Macro "?(\w+)"?\(\) does not support the supplied arguments/.exec(message) ?? []
  return name === undefined
    ? null
    : `${name}: Athena does not take arguments of these types; cast them to one that it takes (docs/reference/sql.md)`
}
