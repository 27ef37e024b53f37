/**
 * What a batch adds to a table: rows that can be visible and that the table does not hold already, each once.
 *
 * A row is known if it is among the newest word on its key and event timestamp (and created timestamp, where the
 * source has one): so a value that is corrected and then set back is new again. An event is known if it ever came.
 */
import type { ViewPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { quote, timestampLiteral } from '../../sql/dialect.ts'
import { arrivalOf, CREATED, contentOf, EVENT, tableColumns } from '../table.ts'
import { columnOf, couldBeVisible, equal } from '../visible-rows.ts'
import { REFUSED } from './accept-rows.ts'

export interface NewRowsInput {
  readonly view: ViewPlan
  /** SQL that stands after FROM: accepted rows, with {@link REFUSED}. */
  readonly batch: string
  /** SQL that stands after FROM: the table; null while it is empty. */
  readonly table: string | null
  /** The first and last event timestamp of the batch's rows: none is known under another. @default all of the table is looked at */
  readonly span?: { readonly from: Micros; readonly to: Micros } | null
}

/** Rows of the batch that may enter the table, known to it or not. */
export const insertable = (view: ViewPlan, batch: string): string =>
  [`${columnOf(batch, REFUSED)} is null`, ...couldBeVisible(view, null, batch)].join(' and ')

export function newRows({ view, batch, table, span = null }: NewRowsInput): string {
  const columns = tableColumns(view).map(({ name }) => name)
  const identity = [...keysOf(view).map(name => columnOf('b', name)), contentOf('b')].join(', ')
  const same = `${equal('b', 'known', keysOf(view).map(twice))} and ${contentOf('b')} = known.quern_content`
  // Of an event's contents the one that was known first, then that which comes first by the columns' own orders: as
  // lib/online/tiles/content-order.ts has it.
  const order =
    view.aggregates === null
      ? [columnOf('b', EVENT)]
      : [`${columnOf('b', CREATED)} nulls first`, ...columns.map(name => columnOf('b', name))]
  const unknown = table === null ? '' : ` and not exists (select 1 from known where ${same})`
  const known = table === null ? '' : `known as (\n  ${knownRows(view, within(table, span))}\n),\n`
  return `with ${known}numbered as (
  select b.*, row_number() over (partition by ${identity} order by ${order.join(', ')}) as quern_copy
  from ${batch} b where ${insertable(view, 'b')}${unknown}
)
select ${columns.map(quote).join(', ')}
from numbered where quern_copy = 1`
}

/** Only the days that the batch is of: tables are partitioned by them. */
export const within = (table: string, span: NewRowsInput['span']): string =>
  span == null
    ? table
    : `(select * from ${table} h where ${columnOf('h', EVENT)} between ${timestampLiteral(span.from)} and ${timestampLiteral(span.to)})`

const keysOf = (view: ViewPlan): readonly string[] => [...view.joinKeys.map(key => key.name), EVENT]
const twice = (name: string): readonly [string, string] => [name, name]

/** Stands for an unknown created timestamp, so that it equals itself. */
const UNKNOWN = "timestamp '0001-01-01 00:00:00'"

function knownRows(view: ViewPlan, table: string): string {
  const known = [...keysOf(view).map(name => columnOf('t', name)), `${contentOf('t')} as quern_content`].join(
    ', ',
  )
  // What an event said first stays; it is told from others by its content, which is its id.
  if (view.aggregates !== null) return `select ${known} from ${table} t`
  const word = (t: string): readonly string[] => [
    ...keysOf(view).map(name => columnOf(t, name)),
    ...(view.createdTimestamp === null ? [] : [`coalesce(${columnOf(t, CREATED)}, ${UNKNOWN})`]),
  ]
  const names = word('t').map((_, i) => `quern_w${i + 1}`)
  const newest = word('t').map((part, i) => `${part} as ${names[i]}`)
  const on = word('t').map((part, i) => `${part} = n.${names[i]}`)
  return `select ${known}
  from ${table} t join (
    select ${newest.join(', ')}, max(${arrivalOf('t')}) as quern_arrival
    from ${table} t group by ${word('t').join(', ')}
  ) n on ${on.join(' and ')} and ${arrivalOf('t')} = n.quern_arrival`
}
