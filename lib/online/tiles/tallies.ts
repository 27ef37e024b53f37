/** Tallies of some parts of a view's tiles, which take whole tiles and single events. */
import type { Value } from '../../definition/value-types.ts'
import type { JsonValue } from '../json-value.ts'
import type { DayEvent, Tile } from './day.ts'
import type { ShapedWindow, TilePart, TileShape } from './tile-shape.ts'

export interface Tallies {
  readonly take: (tile: Pick<Tile, 'states' | 'events'>, day: number) => void
  readonly add: (event: DayEvent) => void
  readonly value: (window: ShapedWindow) => Value
  /** Of each part, in the order in which they were asked for. */
  readonly states: () => readonly JsonValue[]
}

/** Of what these windows ask for. */
export function tallies({ parts }: TileShape, asked: readonly Pick<ShapedWindow, 'part'>[]): Tallies {
  const chosen = [...new Set(asked.map(({ part }) => part))].map(part => {
    const { tally, take } = parts[part] as TilePart
    return { part, tally: tally(), take }
  })
  const add = (event: DayEvent): void => {
    for (const { take, tally } of chosen) {
      const value = take(event.values)
      if (value !== null) tally.add(value, event)
    }
  }
  return {
    take: ({ states, events }, day) => {
      if (states !== null)
        for (const { part, tally } of chosen) {
          const state = states[part] ?? null
          if (state !== null) tally.absorb(state, day)
        }
      for (const event of events) add(event)
    },
    add,
    value: ({ part, plan }) => chosen.find(one => one.part === part)?.tally.value(plan) ?? null,
    states: () => chosen.map(({ tally }) => tally.state()),
  }
}
