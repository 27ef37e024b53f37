/** Converts a generated event to a tile event. */

import type { TileEvent } from '../../lib/online/tiles/event.ts'
import type { ViewPlan } from '../../lib/plan/plan.ts'
import type { NaiveEvent } from './naive-windows.ts'

export const tileEvent = (view: ViewPlan, { keys, event, id, values }: NaiveEvent): TileEvent => ({
  keys: view.joinKeys.map(({ name }) => keys[name] ?? null),
  eventTimestamp: event,
  id,
  values: { ...values, ...keys },
})
