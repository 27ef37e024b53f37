/** The portable SELECT: the part of Athena's SQL that has the same semantics on every engine. Pure functions. */
import { duckdbQuery } from './duckdb/duckdb-text.ts'
import { parseSelect } from './parse/parse-select.ts'
import { inferTypes, type Tables } from './types/infer-types.ts'

export { type Problem, selectProblems } from './check-select.ts'
export { SCHEMA } from './duckdb/duckdb-words.ts'
export { Refused } from './refused.ts'
export type { Tables } from './types/infer-types.ts'
export type { TypedColumn } from './types/scope.ts'

/**
 * Translates a SELECT of the portable language to DuckDB.
 * @throws {Refused}
 */
export function duckdbSelect(sql: string, tables: Tables): string {
  const query = parseSelect(sql)
  return duckdbQuery(query, inferTypes(query, tables))
}
