/** Where a view's rows come from, as SQL: its source under the name `source`, and its transformation over that. */
import type { AggregatesPlan, Column, ViewPlan } from '../compiler/plan.ts'
import { shapeOf } from '../definition/value-types.ts'
import { columnType, type Dialect, quote } from './dialect.ts'
import { counted, EVENT_ID } from './table.ts'

/** SQL that stands after FROM: the transformation over a source, which itself is SQL that stands after FROM; of events, what is kept. */
export function transformed(dialect: Dialect, view: ViewPlan, source: string): string {
  const rows = view.transformation === null ? source : `(${over('source', source, view.transformation)})`
  return view.aggregates === null ? rows : `(${events(dialect, view, view.aggregates)} from ${rows} e)`
}

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

/** A query with one of its tables given by SQL that stands after FROM. */
export const over = (name: string, relation: string, query: string): string =>
  `with ${quote(name)} as (select * from ${relation}) select * from (\n${query}\n) q`
