/** What is found among the events near a point: extremes, first and last, and sums where they cannot be subtracted. */
import type { WindowPlan } from '../../compiler/plan.ts'
import { columnType } from '../dialect.ts'
import { inWindow } from './near.ts'
import type { Slot } from './slots.ts'
import { WINDOW_SQL } from './window-sql.ts'
import { HAPPENED, ID, type Span, spanIndex, type WindowUse } from './window-use.ts'

const FOUND: ReadonlySet<WindowPlan['aggregation']> = new Set(['min', 'max', 'first', 'last', 'lastN'])

export const isFound = ({ aggregation }: WindowPlan): boolean => FOUND.has(aggregation)

/** The feature as an aggregate over the events near a point. */
export function foundValue(use: WindowUse, slot: Slot, window: WindowPlan, spans: readonly Span[]): string {
  const value = `quern_v${slot.n}`
  const held = inWindow(spanIndex(spans, window), value)
  const { newest, oldest } = WINDOW_SQL[use.dialect.name]
  switch (window.aggregation) {
    case 'min':
    case 'max':
      return `${window.aggregation}(${value}) ${held}`
    case 'first':
      return `${oldest(value, [HAPPENED, ID])} ${held}`
    case 'last':
      return `${newest(value, [HAPPENED, ID])} ${held}`
    default:
      return `max_by(${value}, row(${HAPPENED}, ${ID}), ${window.n}) ${held}`
  }
}

/** In the feature's own type: within, float32 is float64. */
export function ofType({ dialect, view }: WindowUse, { name }: WindowPlan, value: string): string {
  const feature = view.features.find(one => one.name === name)
  return feature === undefined ? value : `cast(${value} as ${columnType(dialect, feature.type)})`
}
