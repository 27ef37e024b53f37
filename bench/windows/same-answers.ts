/** Compares two tables of windows. */

import type { DuckDbEngine } from '../../lib/local/engine/duckdb-engine.ts'
import type { WindowPlan } from '../../lib/plan/plan.ts'

/** Of sums and means of fractions: engines add them in any order. */
const RELATIVE = 1e-9
/** Of variances, whose numbers are below 1,000: their squares are told to so much. */
const OF_VARIANCE = 1e-6

function differs({ name, aggregation, column }: WindowPlan): string {
  const [a, b] = [`a.${name}`, `b.${name}`]
  const lacks = `(${a} is null) <> (${b} is null)`
  if (aggregation === 'stddev') return `${lacks} or abs(${a} * ${a} - ${b} * ${b}) > ${OF_VARIANCE}`
  if (aggregation === 'mean' || (aggregation === 'sum' && column === 'amount'))
    return `${lacks} or abs(${a} - ${b}) > ${RELATIVE} * greatest(abs(${a}), 1)`
  return `${a} is distinct from ${b}`
}

/**
 * @returns how many values were compared
 * @throws {Error} if any of them differs, or a row is missing
 */
export async function compareTables(
  engine: DuckDbEngine,
  tables: readonly [string, string],
  { windows, rows }: { readonly windows: readonly WindowPlan[]; readonly rows: number },
): Promise<number> {
  const counts = windows.map(window => `count(*) filter (where ${differs(window)}) as ${window.name}`)
  const [a, b] = tables
  const [found = {}] = await engine.rows(
    `select count(*) as quern_rows, ${counts.join(', ')} from ${a} a join ${b} b using (spine_row)`,
  )
  const { quern_rows, ...different } = found
  if (Number(quern_rows) !== rows) throw new Error(`${a} and ${b} share ${quern_rows} of ${rows} rows`)
  const wrong = Object.entries(different).filter(([, count]) => Number(count) > 0)
  if (wrong.length > 0)
    throw new Error(
      `${a} and ${b} differ: ${wrong.map(([name, count]) => `${name} ${count} times`).join(', ')}`,
    )
  return rows * windows.length
}
