/** Statistics of repeated measurements. */

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  if (low === undefined || high === undefined) throw new Error('nothing was measured')
  return { median: (low + high) / 2, least: sorted[0] ?? low, most: sorted.at(-1) ?? high }
}

/** Compares pairs of consecutive runs, so that a slow minute of the machine affects both. */
export const ratios = (ours: readonly number[], theirs: readonly number[]): Spread =>
  spread(ours.map((value, i) => value / (theirs[i] ?? Number.NaN)))
