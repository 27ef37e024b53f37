/** Finds events of a batch whose content differs from the stored event with the same id. The stored event stays. */
import type { ViewPlan } from '../../plan/plan.ts'
import { lines, quote } from '../../sql/dialect.ts'
import { contentOf, EVENT } from '../table.ts'
import { columnOf, equal } from '../visible-rows.ts'
import { insertable, type NewRowsInput, within } from './new-rows.ts'

/**
 * The column with the total number of conflicts. The other columns are the entity key and the event timestamp of some
 * of them.
 */
export const CONFLICTS = 'quern_conflicts'

export type EventConflictsInput = NewRowsInput & {
  /** The table, including the batch. */
  readonly table: string
  /** The highest number of rows to return. */
  readonly limit: number
}

const keysOf = ({ joinKeys }: ViewPlan): readonly string[] => [...joinKeys.map(({ name }) => name), EVENT]

/** Returns null if events have no content beside their id. */
export function eventConflicts({
  view,
  batch,
  table,
  span = null,
  limit,
}: EventConflictsInput): string | null {
  const columns = view.aggregates?.columns ?? []
  if (columns.length === 0) return null
  const pairs = keysOf(view).map(name => [name, name] as const)
  const differs = columns.map(({ name }) => `${columnOf('b', name)} is distinct from ${columnOf('t', name)}`)
  const keys = keysOf(view).map(name => columnOf('b', name))
  return `select ${lines([...keys.map((key, i) => `${key} as ${quote(keysOf(view)[i] ?? '')}`), `count(*) over () as ${CONFLICTS}`])}
from ${batch} b join ${within(table, span)} t on ${equal('b', 't', pairs)} and ${contentOf('b')} = ${contentOf('t')}
where ${insertable(view, 'b')} and (${differs.join(' or ')})
order by ${keys.join(', ')} limit ${limit}`
}
