/** Where a view's rows come from, as SQL: what people's queries make of sources, and what of events is kept. */

import { shapeOf } from '../../definition/value-types.ts'
import type { AggregatesPlan, Column, ViewPlan } from '../../plan/plan.ts'
import { columnType, type Dialect, quote } from '../../sql/dialect.ts'
import { counted, EVENT_ID } from '../table.ts'

/** SQL that stands after FROM: of a view's rows what is kept, which of events is less. */
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

/** Its text in every engine and in JavaScript, its length before it. */
function idText(dialect: Dialect, { name, type }: Column): string {
  const shape = shapeOf(type)
  if (shape.kind !== 'scalar') throw new TypeError(`an event id of type ${type}`)
  return counted(dialect.text(shape.scalar, `cast(${quote(name)} as ${columnType(dialect, type)})`))
}

/** A person's query with its tables given by SQL that stands after FROM; it stands after FROM itself. */
export function over(tables: Readonly<Record<string, string>>, query: string): string {
  const named = Object.entries(tables).map(
    ([name, relation]) => `${quote(name)} as (select * from ${relation})`,
  )
  const text = `select * from (\n${query}\n) q`
  return named.length === 0 ? `(${text})` : `(with ${named.join(', ')} ${text})`
}
