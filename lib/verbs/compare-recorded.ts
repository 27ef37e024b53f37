/** Recorded values beside those of a training set, counted by feature. */
import type { Column, ServiceColumn } from '../compiler/plan.ts'
import { isoMicros } from '../online/instant-text.ts'
import { jsonCodec } from '../online/json-codec.ts'
import type { JsonValue } from '../online/json-value.ts'
import type { RecordedAnswer } from '../online/recorded-answer.ts'
import { type RawRow, valueIn } from './read-rows.ts'

/** A difference. */
export interface ReplayExample {
  /** Texts of the join keys and request values, by name; without those that are personal data. */
  readonly asked: Readonly<Record<string, string | null>>
  /** ISO 8601, in microseconds. */
  readonly instant: string
  /** As JSON, as are all values here. */
  readonly online: string
  readonly offline: string
}

export interface FeatureReplay {
  readonly name: string
  readonly type: string
  readonly compared: number
  readonly equal: number
  /** The first that differ. */
  readonly examples: readonly ReplayExample[]
}

export interface Comparison {
  readonly add: (record: RecordedAnswer, row: RawRow) => void
  readonly report: () => {
    /** Answers whose values are all equal. */
    readonly equal: number
    readonly features: readonly FeatureReplay[]
  }
}

/** What examples show of a request. */
export interface Shown {
  /** Join keys and request values, in the order in which they were recorded. */
  readonly asked: readonly Column[]
  /** Is it personal data, which no example shows? */
  readonly hidden: (column: string) => boolean
  readonly mostExamples: number
}

/** What is compared of a feature. */
interface Tally {
  /** Is the value the same, or was none recorded? */
  readonly add: (record: RecordedAnswer, row: RawRow) => boolean
  readonly report: () => FeatureReplay
}

/**
 * Values are compared by their JSON texts, which are one for each value: floats bit for bit, whole numbers with all their
 * digits, lists by their elements.
 */
function tally({ name, type }: ServiceColumn, { asked, hidden, mostExamples }: Shown): Tally {
  const { read, write } = jsonCodec(type)
  const examples: ReplayExample[] = []
  let [compared, equal] = [0, 0]
  const online = (json: JsonValue): string => {
    const value = read(json)
    return value === undefined ? String(json) : write(value)
  }
  const show = (record: RecordedAnswer, online: string, offline: string): void => {
    if (examples.length >= mostExamples) return
    const texts = asked.map((column, i) => [column.name, record.asked[i] ?? null] as const)
    const values = Object.fromEntries(texts.filter(([name]) => !hidden(name)))
    examples.push({ asked: values, instant: isoMicros(record.instant), online, offline })
  }
  return {
    add: (record, row) => {
      const json = record.values[name]
      if (json === undefined) return true
      compared++
      const [recorded, joined] = [online(json), write(valueIn(row, { name, type }))]
      if (recorded !== joined) {
        show(record, recorded, joined)
        return false
      }
      equal++
      return true
    },
    report: () => ({ name, type, compared, equal, examples }),
  }
}

export function comparison(features: readonly ServiceColumn[], shown: Shown): Comparison {
  const tallies = features.map(feature => tally(feature, shown))
  let equal = 0
  return {
    add: (record, row) => {
      if (tallies.filter(({ add }) => !add(record, row)).length === 0) equal++
    },
    report: () => ({
      equal,
      features: tallies.map(({ report }) => report()).filter(({ compared }) => compared > 0),
    }),
  }
}
