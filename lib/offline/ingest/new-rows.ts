/**
 * Selects the rows of a batch that a table does not have yet: those that can be visible, each once.
 *
 * A row is a duplicate if it is among the newest arrivals with its key and event timestamp (and created timestamp, if
 * the source has one). So a value that is corrected and then set back is new again. An event is a duplicate if an
 * event with its id was ever stored.
 */
import type { ViewPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { quote, timestampLiteral } from '../../sql/dialect.ts'
import { arrivalOf, CREATED, contentOf, EVENT, tableColumns } from '../table.ts'
import { columnOf, couldBeVisible, equal } from '../visible-rows.ts'
import { REFUSED } from './accept-rows.ts'

export interface NewRowsInput {
  readonly view: ViewPlan
  /** SQL that follows FROM: accepted rows, with {@link REFUSED}. */
  readonly batch: string
  /** SQL that follows FROM: the table; null while it is empty. */
  readonly table: string | null
  /**
   * The first and last event timestamp of the batch. Only rows in this range are compared. @default the whole table
   * is read
   */
  readonly span?: { readonly from: Micros; readonly to: Micros } | null
}

/** A condition for the rows of the batch that may be inserted, duplicates included. */
export const insertable = (view: ViewPlan, batch: string): string =>
  [`${columnOf(batch, REFUSED)} is null`, ...couldBeVisible(view, null, batch)].join(' and ')

export function newRows({ view, batch, table, span = null }: NewRowsInput): string {
  const columns = tableColumns(view).map(({ name }) => name)
  const identity = [...keysOf(view).map(name => columnOf('b', name)), contentOf('b')].join(', ')
  const same = `${equal('b', 'known', keysOf(view).map(twice))} and ${contentOf('b')} = known.quern_content`
  // Of several contents of one event, the earliest created timestamp comes first, then the smallest content by column
  // order. lib/online/tiles/content-order.ts has the same order.
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

/** The rows of the batch's days only, because tables are partitioned by day. */
export const within = (table: string, span: NewRowsInput['span']): string =>
  span == null
    ? table
    : `(select * from ${table} h where ${columnOf('h', EVENT)} between ${timestampLiteral(span.from)} and ${timestampLiteral(span.to)})`

const keysOf = (view: ViewPlan): readonly string[] => [...view.joinKeys.map(key => key.name), EVENT]
const twice = (name: string): readonly [string, string] => [name, name]

/** Replaces a missing created timestamp, so that two of them compare as equal. */
const UNKNOWN = "timestamp '0001-01-01 00:00:00'"

function knownRows(view: ViewPlan, table: string): string {
  const known = [...keysOf(view).map(name => columnOf('t', name)), `${contentOf('t')} as quern_content`].join(
    ', ',
  )
  // The first content of an event stays. The content hash of an event is the hash of its id.
  if (view.aggregates !== null) return `select ${known} from ${table} t`
  const identityOf = (t: string): readonly string[] => [
    ...keysOf(view).map(name => columnOf(t, name)),
    ...(view.createdTimestamp === null ? [] : [`coalesce(${columnOf(t, CREATED)}, ${UNKNOWN})`]),
  ]
  const names = identityOf('t').map((_, i) => `quern_w${i + 1}`)
  const newest = identityOf('t').map((part, i) => `${part} as ${names[i]}`)
  const on = identityOf('t').map((part, i) => `${part} = n.${names[i]}`)
  return `select ${known}
  from ${table} t join (
    select ${newest.join(', ')}, max(${arrivalOf('t')}) as quern_arrival
    from ${table} t group by ${identityOf('t').join(', ')}
  ) n on ${on.join(' and ')} and ${arrivalOf('t')} = n.quern_arrival`
}
