/**
 * Orders two contents of one event. It is the order in which `lib/offline/ingest/new-rows.ts` chooses among rows of
 * one batch with equal created timestamps. It compares the columns of the view, each in the order of its type, with
 * null last.
 */

import type { Value } from '../../definition/value-types.ts'
import type { AggregatesPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { isGreater } from './event-position.ts'
import type { EventValues } from './tile-schema.ts'

type Sign = -1 | 0 | 1

/** NaN equals itself and sorts after infinity, as in the SQL engines. */
function compareNumbers(a: number, b: number): Sign {
  if (a === b) return 0
  if (Number.isNaN(a) || Number.isNaN(b))
    return Number.isNaN(a) === Number.isNaN(b) ? 0 : Number.isNaN(a) ? 1 : -1
  return a < b ? -1 : 1
}

/** Compares two values of one scalar type. */
function compareValues(a: Value, b: Value): Sign {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b)
  if (a === b) return 0
  if (typeof a === 'string' && typeof b === 'string') return isGreater(a, b) ? 1 : -1
  return a < b ? -1 : 1
}

export const compareContents = (
  { columns }: Pick<AggregatesPlan, 'columns'>,
  a: EventValues,
  b: EventValues,
): Sign => {
  for (const { name } of columns) {
    const sign = compareValues(a[name] ?? null, b[name] ?? null)
    if (sign !== 0) return sign
  }
  return 0
}

/** An event with its created timestamp. */
export interface ArrivedEvent {
  readonly arrived: Micros
  readonly event: { readonly values: EventValues }
}

/** Sorts the events so that the one to store comes first: the earliest arrival, then the smallest content. */
export const inOrderOfPrecedence = <E extends ArrivedEvent>(
  aggregates: Pick<AggregatesPlan, 'columns'>,
  events: readonly E[],
): readonly E[] =>
  events.toSorted((a, b) =>
    a.arrived === b.arrived
      ? compareContents(aggregates, a.event.values, b.event.values)
      : a.arrived < b.arrived
        ? -1
        : 1,
  )
