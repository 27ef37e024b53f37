/** Assigns each spine row to a part of the training set: by time, by entity, or at random. */
import type { Column } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { type Dialect, hash, literal, quote, timestampLiteral } from '../../sql/dialect.ts'
import { EVENT, valueText } from '../table.ts'
import { SPINE_ROW } from './point-in-time-join.ts'

/** The column with the name of the part. */
export const SPLIT = 'split'

export type Split =
  /** Earlier rows are in earlier parts. Rows with the same instant stay together. */
  | { readonly by: 'time'; readonly shares: readonly number[] }
  /** By time, with explicit boundaries. Each instant belongs to the part that it starts. */
  | { readonly by: 'instants'; readonly instants: readonly Micros[] }
  /** All rows of an entity (all join keys of the service together) stay together. */
  | { readonly by: 'entity'; readonly shares: readonly number[]; readonly seed: number }
  | { readonly by: 'random'; readonly shares: readonly number[]; readonly seed: number }

/** The names of two or three parts, in order of time. */
const partsOf = (count: number): readonly string[] =>
  count === 2 ? ['train', 'test'] : ['train', 'validation', 'test']

/** The number of hex digits that a double holds exactly. */
const DIGITS = 13

/**
 * SQL expression over the numbered spine for the name of the part.
 * @param keys the join keys of the service
 */
export function splitExpression(dialect: Dialect, split: Split, keys: readonly Column[]): string {
  const share = (text: string): string =>
    `cast(${dialect.hexNumber(`substr(${hash(dialect, text)}, 1, ${DIGITS})`)} as double) / ${16 ** DIGITS}`
  switch (split.by) {
    case 'instants':
      return cases(
        split.instants.map(instant => `${quote(EVENT)} < ${timestampLiteral(instant)}`),
        split.instants.length + 1,
      )
    case 'time':
      return byShare(
        split.shares,
        `cast(rank() over (order by ${quote(EVENT)}) - 1 as double) / count(*) over ()`,
      )
    case 'entity': {
      const entity = keys.map(key => valueText(dialect, key)).join(' || ')
      return byShare(split.shares, share(`${literal(`${split.seed}:`)} || ${entity}`))
    }
    case 'random':
      return byShare(
        split.shares,
        share(`${literal(`${split.seed}:`)} || cast(${quote(SPINE_ROW)} as varchar)`),
      )
  }
}

/** @param place SQL for the position of the row, from 0 to below 1 */
const byShare = (shares: readonly number[], place: string): string =>
  cases(
    shares.slice(0, -1).map((_, i) => `${place} < ${total(shares.slice(0, i + 1))}e0`),
    shares.length,
  )

/** Rounds, so that sums of binary fractions become exact decimals. */
const total = (shares: readonly number[]): number =>
  Number(shares.reduce((sum, share) => sum + share, 0).toFixed(9))

const cases = (conditions: readonly string[], count: number): string => {
  const parts = partsOf(count)
  const whens = conditions.map((condition, i) => `when ${condition} then ${literal(String(parts[i]))}`)
  return `case ${whens.join(' ')} else ${literal(String(parts.at(-1)))} end`
}
