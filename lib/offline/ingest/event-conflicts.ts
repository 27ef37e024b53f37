/** Events of a batch that say something else than the table has under their id: what came first has stayed. */
import type { ViewPlan } from '../../plan/plan.ts'
import { lines, quote } from '../../sql/dialect.ts'
import { contentOf, EVENT } from '../table.ts'
import { columnOf, equal } from '../visible-rows.ts'
import { insertable, type NewRowsInput, within } from './new-rows.ts'

/** How many there are, in each row; and of some of them the entity and the instant. */
export const CONFLICTS = 'quern_conflicts'

export type EventConflictsInput = NewRowsInput & {
  /** With the batch in it. */
  readonly table: string
  /** Rows of the result. */
  readonly limit: number
}

const keysOf = ({ joinKeys }: ViewPlan): readonly string[] => [...joinKeys.map(({ name }) => name), EVENT]

/** Null where an event holds nothing beside its id. */
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
