/** An event, as tiles accept it: its entity, its instant, its id and its values. */
import type { Value } from '../../definition/value-types.ts'
import type { Micros } from '../../semantics/point-in-time.ts'

export interface TileEvent {
  /** In the order of the view's join keys. */
  readonly keys: readonly Value[]
  readonly eventTimestamp: Micros
  /** Identifies the event among those of the same entity and instant: `quern_event` of the offline table. */
  readonly id: string
  /** The values of the join keys and of `aggregates.columns`, by name. */
  readonly values: Readonly<Record<string, Value>>
}
