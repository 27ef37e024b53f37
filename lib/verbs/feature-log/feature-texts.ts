/**
 * Writes a feature's logged and joined values as canonical JSON texts: two texts are equal exactly if the values are
 * equal. Floats are compared bit by bit, integers with all digits, lists element by element.
 */

import type { Value } from '../../definition/value-types.ts'
import type { LoggedFeatures } from '../../online/feature-log/logged-features.ts'
import { jsonCodec } from '../../online/item/json-codec.ts'
import type { Column } from '../../plan/plan.ts'
import { type RawRow, valueIn } from '../materialize/read-rows.ts'

export interface FeatureTexts {
  /** Null: the record has no value for the feature. */
  readonly recorded: (record: LoggedFeatures) => string | null
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
