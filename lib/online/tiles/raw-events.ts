/**
 * Raw events as JSON: the microseconds since the start of the day, the id, and the values that the view's windows
 * read.
 */
import type { JsonValue } from '../item/json-value.ts'
import { cleaned, stateCodec } from './accumulator.ts'
import type { DayEvent } from './day.ts'
import type { KeptColumn, TileSchema } from './tile-schema.ts'

const valueJson = ({ name, type }: KeptColumn, event: DayEvent): JsonValue => {
  const value = cleaned(event.values[name])
  return value === null ? null : stateCodec(type).write(value)
}

export const eventsJson = ({ columns }: TileSchema, events: readonly DayEvent[]): JsonValue =>
  events.map(event => [event.into, event.id, columns.map(column => valueJson(column, event))])

const listOf = (json: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(json) ? json : [])

export const eventsOf = ({ columns }: TileSchema, day: number, json: JsonValue): readonly DayEvent[] =>
  listOf(json).map(one => {
    const [into, id, values] = listOf(one)
    const list = listOf(values)
    return {
      day,
      into: Number(into),
      id: String(id),
      values: Object.fromEntries(
        columns.map(({ name, type }, i) => {
          const value = list[i] ?? null
          return [name, value === null ? null : stateCodec(type).read(value)]
        }),
      ),
    }
  })
