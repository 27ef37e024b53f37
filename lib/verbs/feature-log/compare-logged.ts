/** Compares logged values with the values of a training set, and counts the results per feature. */

import type { LoggedFeatures } from '../../online/feature-log/logged-features.ts'
import { isoMicros } from '../../online/item/instant-text.ts'
import type { Column, ServiceColumn } from '../../plan/plan.ts'
import type { RawRow } from '../materialize/read-rows.ts'
import { featureTexts } from './feature-texts.ts'

/** An example of a difference. */
export interface SkewExample {
  /** Join keys and request values as texts, by name, without PII columns. */
  readonly asked: Readonly<Record<string, string | null>>
  /** ISO 8601, with microseconds. */
  readonly instant: string
  /** The logged value, as JSON. */
  readonly online: string
  /** The training set's value, as JSON. */
  readonly offline: string
}

export interface FeatureSkew {
  readonly name: string
  readonly type: string
  readonly compared: number
  readonly equal: number
  /** Number of values that differ, but equal the training set as it was before the newest arrivals. */
  readonly behind: number
  /** The first values that are neither equal nor behind. */
  readonly examples: readonly SkewExample[]
}

export interface Comparison {
  /** Returns the names of the features whose values differ. */
  readonly differing: (record: LoggedFeatures, row: RawRow) => ReadonlySet<string>
  /** Counts a response. @param behind names of the differing features that were behind */
  readonly add: (record: LoggedFeatures, row: RawRow, behind?: ReadonlySet<string>) => void
  readonly report: () => {
    /** Number of responses whose values are all equal. */
    readonly equal: number
    /** Number of responses whose values are equal or behind, with at least one behind. */
    readonly behind: number
    readonly features: readonly FeatureSkew[]
  }
}

/** The parts of a request that examples show. */
export interface Shown {
  /** Join keys and request values, in the order in which they were recorded. */
  readonly asked: readonly Column[]
  /** Whether the column is PII. Examples do not show PII. */
  readonly hidden: (column: string) => boolean
  readonly mostExamples: number
}

type Outcome = 'equal' | 'behind' | 'different'

/** Compares and counts one feature. */
interface FeatureCounter {
  readonly name: string
  /** Whether the value is equal, or was not logged. */
  readonly isEqual: (record: LoggedFeatures, row: RawRow) => boolean
  readonly add: (record: LoggedFeatures, row: RawRow, isBehind: boolean) => Outcome
  readonly report: () => FeatureSkew
}

function featureCounter(
  { name, type }: ServiceColumn,
  { asked, hidden, mostExamples }: Shown,
): FeatureCounter {
  const { recorded, joined } = featureTexts({ name, type })
  const examples: SkewExample[] = []
  const counts = { compared: 0, equal: 0, behind: 0 }
  const show = (record: LoggedFeatures, online: string, offline: string): void => {
    if (examples.length >= mostExamples) return
    const texts = asked.map((column, i) => [column.name, record.asked[i] ?? null] as const)
    const values = Object.fromEntries(texts.filter(([name]) => !hidden(name)))
    examples.push({ asked: values, instant: isoMicros(record.instant), online, offline })
  }
  return {
    name,
    isEqual: (record, row) => {
      const online = recorded(record)
      return online === null || online === joined(row)
    },
    add: (record, row, isBehind) => {
      const online = recorded(record)
      if (online === null) return 'equal'
      counts.compared++
      const offline = joined(row)
      const outcome = isBehind ? 'behind' : 'different'
      if (online === offline) counts.equal++
      else if (isBehind) counts.behind++
      else show(record, online, offline)
      return online === offline ? 'equal' : outcome
    },
    report: () => ({ name, type, ...counts, examples }),
  }
}

const NONE: ReadonlySet<string> = new Set()

export function comparison(features: readonly ServiceColumn[], shown: Shown): Comparison {
  const counters = features.map(feature => featureCounter(feature, shown))
  let [equal, behind] = [0, 0]
  return {
    differing: (record, row) =>
      new Set(counters.filter(({ isEqual }) => !isEqual(record, row)).map(({ name }) => name)),
    add: (record, row, late = NONE) => {
      const outcomes = new Set(counters.map(({ name, add }) => add(record, row, late.has(name))))
      if (outcomes.has('different')) return
      if (outcomes.has('behind')) behind++
      else equal++
    },
    report: () => ({
      equal,
      behind,
      features: counters.map(({ report }) => report()).filter(({ compared }) => compared > 0),
    }),
  }
}
