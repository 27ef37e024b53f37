/** Whether two training sets are equal, row by row and value by value. */
import { openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { literal } from '../../lib/sql/dialect.ts'
import { featuresOf, VIEWS } from '../data.ts'
import { phase } from '../phase.ts'

export interface CompareInput {
  readonly ours: string
  readonly theirs: string
  readonly scratch: string
}

export interface CompareResult {
  readonly rows: number
  readonly differing: number
  /** Values that are not null: a comparison of nothing proves nothing. */
  readonly present: number
}

await phase<CompareInput>(async ({ ours, theirs, scratch }): Promise<CompareResult> => {
  const engine = await openDuckDb({ scratch })
  const columns = ['customer_id', 'label', ...VIEWS.flatMap(view => featuresOf(view).map(({ name }) => name))]
  const differs = columns.map(name => `a.${name} is distinct from b.${name}`)
  const present = columns.slice(2).map(name => `count(a.${name})`)
  const file = (path: string): string => `read_parquet(${literal(path)})`
  const [row = {}] = await engine.rows(`
    select count(*) as all_rows, count_if(${differs.join(' or ')}
      or a.spine_id is null or b.spine_id is null) as differing, ${present.join(' + ')} as present
    from ${file(ours)} a full join ${file(theirs)} b on a.spine_id = b.spine_id`)
  engine.close()
  return {
    rows: Number(row['all_rows']),
    differing: Number(row['differing']),
    present: Number(row['present']),
  }
})
