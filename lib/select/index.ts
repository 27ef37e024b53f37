/** The SELECTs that people write: one language, Athena's, as far as it means the same on every engine. Pure. */
import { duckdbQuery } from './duckdb-text.ts'
import { parseSelect } from './parse-select.ts'

export { type Problem, selectProblems } from './check-select.ts'
export { Refused } from './refused.ts'

/** A SELECT of the portable language as DuckDB runs it. @throws {Refused} */
export const duckdbSelect = (sql: string): string => duckdbQuery(parseSelect(sql))
