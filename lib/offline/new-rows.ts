/**
 * What a batch adds to a table: rows that can be visible and that the table does not hold already, each once.
 *
 * Where the source says when a row was created, a row that is in the table is the same row. Where it does not, a row
 * is the same as long as it is the newest word on its key and event timestamp: so a value that is corrected and then
 * set back is new again.
 */
import type { ViewPlan } from '../compiler/plan.ts'
import { REFUSED } from './accept-rows.ts'
import { quote } from './dialect.ts'
import { CREATED, EVENT, ROW_HASH, tableColumns } from './table.ts'
import { couldBeVisible, equal, of } from './visible-rows.ts'

export interface NewRowsInput {
  readonly view: ViewPlan
  /** SQL that stands after FROM: accepted rows, with {@link REFUSED}. */
  readonly batch: string
  /** SQL that stands after FROM: the table; null while it is empty. */
  readonly table: string | null
}

/** Rows of the batch that may enter the table, known to it or not. */
export const enterable = (view: ViewPlan, batch: string): string =>
  [`${of(batch, REFUSED)} is null`, ...couldBeVisible(view, null, batch)].join(' and ')

export function newRows({ view, batch, table }: NewRowsInput): string {
  const columns = tableColumns(view).map(({ name }) => name)
  const identity = [...view.joinKeys.map(key => key.name), EVENT, ROW_HASH]
  const same = equal(
    'b',
    'known',
    identity.map(name => [name, name] as const),
  )
  const unknown = table === null ? '' : ` and not exists (select 1 from known where ${same})`
  const known = table === null ? '' : `known as (\n  ${knownRows(view, table)}\n),\n`
  return `with ${known}numbered as (
  select b.*, row_number() over (partition by ${identity.map(name => of('b', name)).join(', ')} order by ${of('b', EVENT)}) as copy
  from ${batch} b where ${enterable(view, 'b')}${unknown}
)
select ${columns.map(quote).join(', ')}
from numbered where copy = 1`
}

function knownRows(view: ViewPlan, table: string): string {
  const keys = [...view.joinKeys.map(key => key.name), EVENT]
  const identity = [...keys, ROW_HASH].map(name => of('t', name)).join(', ')
  if (view.createdTimestamp !== null) return `select ${identity} from ${table} t`
  const group = keys.map(quote).join(', ')
  const pairs = [...keys, CREATED].map(name => [name, name] as const)
  return `select ${identity} from ${table} t join (
    select ${group}, max(${quote(CREATED)}) as ${quote(CREATED)} from ${table} group by ${group}
  ) n on ${equal('t', 'n', pairs)}`
}
