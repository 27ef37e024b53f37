/**
 * A feature's recorded and joined values as JSON texts, which are one for each value: floats bit for bit, whole numbers
 * with all their digits, lists by their elements.
 */
import type { Column } from '../compiler/plan.ts'
import type { Value } from '../definition/value-types.ts'
import { jsonCodec } from '../online/json-codec.ts'
import type { RecordedAnswer } from '../online/recorded-answer.ts'
import { type RawRow, valueIn } from './read-rows.ts'

export interface FeatureTexts {
  /** Null: the record has no value of it. */
  readonly recorded: (record: RecordedAnswer) => string | null
  readonly joined: (row: RawRow) => string
  readonly write: (value: Value) => string
}

export function featureTexts({ name, type }: Column): FeatureTexts {
  const { read, write } = jsonCodec(type)
  return {
    recorded: ({ values }) => {
      const json = values[name]
      if (json === undefined) return null
      const value = read(json)
      return value === undefined ? String(json) : write(value)
    },
    joined: row => write(valueIn(row, { name, type })),
    write,
  }
}
