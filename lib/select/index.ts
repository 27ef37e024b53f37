/** The SELECTs that people write: one language, Athena's, as far as it means the same on every engine. Pure. */
import { duckdbQuery } from './duckdb/duckdb-text.ts'
import { parseSelect } from './parse/parse-select.ts'
import { inferTypes, type Tables } from './types/infer-types.ts'

export { type Problem, selectProblems } from './check-select.ts'
export { SCHEMA } from './duckdb/duckdb-words.ts'
export { Refused } from './refused.ts'
export type { Tables } from './types/infer-types.ts'
export type { TypedColumn } from './types/scope.ts'

/**
 * A SELECT of the portable language as DuckDB runs it.
 * @throws {Refused}
 */
export function duckdbSelect(sql: string, tables: Tables): string {
  const query = parseSelect(sql)
  return duckdbQuery(query, inferTypes(query, tables))
}
