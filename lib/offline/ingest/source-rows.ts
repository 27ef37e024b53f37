/** SQL for the rows of a view: the user's query over its sources, and the stored columns of events. */

import { shapeOf } from '../../definition/value-types.ts'
import type { AggregatesPlan, Column, ViewPlan } from '../../plan/plan.ts'
import { columnType, type Dialect, quote } from '../../sql/dialect.ts'
import { counted, EVENT_ID } from '../table.ts'

/** SQL that follows FROM: the rows of a view. For events, only the stored columns. */
export const kept = (dialect: Dialect, view: ViewPlan, rows: string): string =>
  view.aggregates === null ? rows : `(${events(dialect, view, view.aggregates)} from ${rows} e)`

function events(dialect: Dialect, view: ViewPlan, { keysFrom, eventId, columns }: AggregatesPlan): string {
  const named = new Map<string, string>([
    ...columns.map(({ name }) => [name, quote(name)] as const),
    [view.eventTimestamp, quote(view.eventTimestamp)],
    ...(view.createdTimestamp === null
      ? []
      : [[view.createdTimestamp, quote(view.createdTimestamp)] as const]),
    ...view.joinKeys.map(({ name }, i) => [name, quote(keysFrom[i] ?? name)] as const),
    [EVENT_ID, eventId.map(column => idText(dialect, column)).join(' || ')],
  ])
  return `select ${[...named].map(([name, value]) => `${value} as ${quote(name)}`).join(', ')}`
}

/** A value as text, with its length as a prefix. The text is the same in all engines and in JavaScript. */
function idText(dialect: Dialect, { name, type }: Column): string {
  const shape = shapeOf(type)
  if (shape.kind !== 'scalar') throw new TypeError(`an event id of type ${type}`)
  return counted(dialect.text(shape.scalar, `cast(${quote(name)} as ${columnType(dialect, type)})`))
}

/** A user's query, with SQL that follows FROM for each of its tables. The result follows FROM, too. */
export function over(tables: Readonly<Record<string, string>>, query: string): string {
  const named = Object.entries(tables).map(
    ([name, relation]) => `${quote(name)} as (select * from ${relation})`,
  )
  const text = `select * from (\n${query}\n) q`
  return named.length === 0 ? `(${text})` : `(with ${named.join(', ')} ${text})`
}
