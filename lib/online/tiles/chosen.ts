/** Values that are chosen among those of events: the least and the greatest, the oldest and the newest. */
import type { ScalarType, Value } from '../../definition/value-types.ts'
import type { JsonValue } from '../item/json-value.ts'
import { type Accumulator, stateCodec } from './accumulator.ts'
import { type EventPosition, isNewer } from './event-position.ts'

/** Of numbers, instants, and dates, whose texts are in their order. */
export const extremes = (type: ScalarType, which: 'least' | 'greatest') => (): Accumulator => {
  const codec = stateCodec(type)
  let found: Value = null
  const take = (value: Value): void => {
    if (found === null || (value !== null && (which === 'least' ? value < found : value > found)))
      found = value
  }
  return {
    update: take,
    merge: state => take(codec.read(state)),
    serialize: () => (found === null ? null : codec.write(found)),
    finalize: () => found,
  }
}

interface Told extends EventPosition {
  readonly value: Value
}

/** Values with their moments: the `n` newest, the newest first; or the oldest one. */
const told =
  (type: ScalarType, n: number, precedes: (a: EventPosition, b: EventPosition) => boolean) =>
  (): Accumulator => {
    const codec = stateCodec(type)
    const kept: Told[] = []
    const take = (one: Told): void => {
      let place = kept.length
      for (let other = kept[place - 1]; other !== undefined && precedes(one, other); other = kept[place - 1])
        place--
      if (place >= n) return
      kept.splice(place, 0, one)
      if (kept.length > n) kept.pop()
    }
    return {
      update: (value, { day, into, id }) => take({ day, into, id, value }),
      merge: (state, day) => {
        for (const one of Array.isArray(state) ? state : []) take(toldOf(one, day))
      },
      serialize: () =>
        kept.length === 0 ? null : kept.map(({ into, id, value }) => [into, id, codec.write(value)]),
      finalize: asked => {
        if (asked.aggregation !== 'lastN') return kept[0]?.value ?? null
        // Scalars of the column's type: together they are a value of the list's.
        return kept.length === 0 ? null : (kept.slice(0, asked.n).map(({ value }) => value) as Value)
      },
    }
    function toldOf(json: JsonValue, day: number): Told {
      const [into, id, value = null] = Array.isArray(json) ? json : []
      return { day, into: Number(into), id: String(id), value: codec.read(value) }
    }
  }

export const newest = (type: ScalarType, n: number) => told(type, n, isNewer)

export const oldest = (type: ScalarType) => told(type, 1, (a, b) => isNewer(b, a))
