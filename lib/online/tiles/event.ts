/** An event as tiles take it: whose it is, when it was, what tells it from others, and what it says. */
import type { Value } from '../../definition/value-types.ts'
import type { Micros } from '../../semantics/point-in-time.ts'

export interface TileEvent {
  /** In the order of the view's join keys. */
  readonly keys: readonly Value[]
  readonly eventTimestamp: Micros
  /** What tells it from all others of its entity and instant: `quern_event` of the offline table. */
  readonly id: string
  /** By name: of the join keys and of `aggregates.columns`. */
  readonly values: Readonly<Record<string, Value>>
}
