/** Accumulators that select values: minimum and maximum, oldest and newest. */
import type { ScalarType, Value } from '../../definition/value-types.ts'
import type { JsonValue } from '../item/json-value.ts'
import { type Accumulator, stateCodec } from './accumulator.ts'
import { type EventPosition, isNewer } from './event-position.ts'

/** Minimum or maximum of numbers, instants, or dates. The text order of dates is their order in time. */
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

interface PositionedValue extends EventPosition {
  readonly value: Value
}

/** Values with their event positions: the `n` newest in descending order, or the single oldest. */
const positioned =
  (type: ScalarType, n: number, precedes: (a: EventPosition, b: EventPosition) => boolean) =>
  (): Accumulator => {
    const codec = stateCodec(type)
    const selected: PositionedValue[] = []
    const take = (one: PositionedValue): void => {
      let place = selected.length
      for (
        let other = selected[place - 1];
        other !== undefined && precedes(one, other);
        other = selected[place - 1]
      )
        place--
      if (place >= n) return
      selected.splice(place, 0, one)
      if (selected.length > n) selected.pop()
    }
    return {
      update: (value, { day, into, id }) => take({ day, into, id, value }),
      merge: (state, day) => {
        for (const one of Array.isArray(state) ? state : []) take(positionedOf(one, day))
      },
      serialize: () =>
        selected.length === 0 ? null : selected.map(({ into, id, value }) => [into, id, codec.write(value)]),
      finalize: asked => {
        if (asked.aggregation !== 'lastN') return selected[0]?.value ?? null
        // The elements have the scalar type of the column, so together they are a value of the list type.
        return selected.length === 0 ? null : (selected.slice(0, asked.n).map(({ value }) => value) as Value)
      },
    }
    function positionedOf(json: JsonValue, day: number): PositionedValue {
      const [into, id, value = null] = Array.isArray(json) ? json : []
      return { day, into: Number(into), id: String(id), value: codec.read(value) }
    }
  }

export const newest = (type: ScalarType, n: number) => positioned(type, n, isNewer)

export const oldest = (type: ScalarType) => positioned(type, 1, (a, b) => isNewer(b, a))
