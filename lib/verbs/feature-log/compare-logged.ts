/** Recorded values beside those of a training set, counted by feature. */

import type { LoggedFeatures } from '../../online/feature-log/logged-features.ts'
import { isoMicros } from '../../online/item/instant-text.ts'
import type { Column, ServiceColumn } from '../../plan/plan.ts'
import type { RawRow } from '../materialize/read-rows.ts'
import { featureTexts } from './feature-texts.ts'

/** A difference. */
export interface SkewExample {
  /** Texts of the join keys and request values, by name; without those that are personal data. */
  readonly asked: Readonly<Record<string, string | null>>
  /** ISO 8601, in microseconds. */
  readonly instant: string
  /** As JSON, as are all values here. */
  readonly online: string
  readonly offline: string
}

export interface FeatureSkew {
  readonly name: string
  readonly type: string
  readonly compared: number
  readonly equal: number
  /** Of the others, those that are what the training set held before the newest arrivals. */
  readonly behind: number
  /** The first that are neither. */
  readonly examples: readonly SkewExample[]
}

export interface Comparison {
  /** Features whose values are not the same. */
  readonly differing: (record: LoggedFeatures, row: RawRow) => ReadonlySet<string>
  /** @param behind those of them that were behind */
  readonly add: (record: LoggedFeatures, row: RawRow, behind?: ReadonlySet<string>) => void
  readonly report: () => {
    /** Answers whose values are all equal. */
    readonly equal: number
    /** Answers whose values are all equal or behind, and some are behind. */
    readonly behind: number
    readonly features: readonly FeatureSkew[]
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

type Outcome = 'equal' | 'behind' | 'different'

/** What is compared of a feature. */
interface Tally {
  readonly name: string
  /** Is the value the same, or was none recorded? */
  readonly isEqual: (record: LoggedFeatures, row: RawRow) => boolean
  readonly add: (record: LoggedFeatures, row: RawRow, isBehind: boolean) => Outcome
  readonly report: () => FeatureSkew
}

function tally({ name, type }: ServiceColumn, { asked, hidden, mostExamples }: Shown): Tally {
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
  const tallies = features.map(feature => tally(feature, shown))
  let [equal, behind] = [0, 0]
  return {
    differing: (record, row) =>
      new Set(tallies.filter(({ isEqual }) => !isEqual(record, row)).map(({ name }) => name)),
    add: (record, row, late = NONE) => {
      const outcomes = new Set(tallies.map(({ name, add }) => add(record, row, late.has(name))))
      if (outcomes.has('different')) return
      if (outcomes.has('behind')) behind++
      else equal++
    },
    report: () => ({
      equal,
      behind,
      features: tallies.map(({ report }) => report()).filter(({ compared }) => compared > 0),
    }),
  }
}
