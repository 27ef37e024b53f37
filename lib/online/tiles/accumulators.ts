/** The accumulators of some parts of a tile schema. They accept whole tiles and single events. */
import type { Value } from '../../definition/value-types.ts'
import type { JsonValue } from '../item/json-value.ts'
import type { DayEvent, Tile } from './day.ts'
import type { TilePart, TileSchema, TileWindow } from './tile-schema.ts'

export interface Accumulators {
  readonly merge: (tile: Pick<Tile, 'states' | 'events'>, day: number) => void
  readonly update: (event: DayEvent) => void
  readonly finalize: (window: TileWindow) => Value
  /** The state of each part, in the order of the requested windows. */
  readonly serialize: () => readonly JsonValue[]
}

/** The accumulators that these windows need. */
export function accumulators(
  { parts }: TileSchema,
  asked: readonly Pick<TileWindow, 'part'>[],
): Accumulators {
  const chosen = [...new Set(asked.map(({ part }) => part))].map(part => {
    const { tally, take } = parts[part] as TilePart
    return { part, tally: tally(), take }
  })
  const add = (event: DayEvent): void => {
    for (const { take, tally } of chosen) {
      const value = take(event.values)
      if (value !== null) tally.update(value, event)
    }
  }
  return {
    merge: ({ states, events }, day) => {
      if (states !== null)
        for (const { part, tally } of chosen) {
          const state = states[part] ?? null
          if (state !== null) tally.merge(state, day)
        }
      for (const event of events) add(event)
    },
    update: add,
    finalize: ({ part, plan }) => chosen.find(one => one.part === part)?.tally.finalize(plan) ?? null,
    serialize: () => chosen.map(({ tally }) => tally.serialize()),
  }
}
