/** Times of windows in quern and in plain joins. */
import { ratios, type Spread } from '../statistics.ts'
import type { WindowCount } from './questions.ts'

export const SIDES = ['quern', 'joinEach', 'joinOnce'] as const
export type Side = (typeof SIDES)[number]

export interface Took {
  readonly windows: WindowCount
  readonly side: Side
  /** The first, 0, warms. */
  readonly round: number
  readonly seconds: number
  readonly cpuSeconds: number
}

export type Measure = 'seconds' | 'cpuSeconds'

/** Of the rounds after the first, or of that where there is no other. */
export function ofSide(took: readonly Took[], windows: WindowCount, side: Side): readonly Took[] {
  const own = took.filter(one => one.windows === windows && one.side === side)
  return own.length > 1 ? own.slice(1) : own
}

/** The plain form that took less of the processor in the first round. */
export function betterJoin(took: readonly Took[], windows: WindowCount): Exclude<Side, 'quern'> {
  const cpu = (side: Side): number =>
    took.find(one => one.windows === windows && one.side === side)?.cpuSeconds ?? Number.POSITIVE_INFINITY
  return cpu('joinEach') < cpu('joinOnce') ? 'joinEach' : 'joinOnce'
}

const values = (took: readonly Took[], measure: Measure): readonly number[] => took.map(one => one[measure])

/** The better plain form over quern, round by round. */
export const timesFaster = (took: readonly Took[], windows: WindowCount, measure: Measure): Spread =>
  ratios(
    values(ofSide(took, windows, betterJoin(took, windows)), measure),
    values(ofSide(took, windows, 'quern'), measure),
  )

/** quern's ten windows over its one, round by round. */
export const tenOverOne = (took: readonly Took[], measure: Measure): Spread =>
  ratios(values(ofSide(took, 10, 'quern'), measure), values(ofSide(took, 1, 'quern'), measure))
