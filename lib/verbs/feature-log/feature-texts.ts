/**
 * A feature's recorded and joined values as JSON texts, which are one for each value: floats bit for bit, whole numbers
 * with all their digits, lists by their elements.
 */

import type { Value } from '../../definition/value-types.ts'
import type { LoggedFeatures } from '../../online/feature-log/logged-features.ts'
import { jsonCodec } from '../../online/item/json-codec.ts'
import type { Column } from '../../plan/plan.ts'
import { type RawRow, valueIn } from '../materialize/read-rows.ts'

export interface FeatureTexts {
  /** Null: the record has no value of it. */
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
