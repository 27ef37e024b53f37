const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** Milliseconds in the largest unit that is exact, such as `3 h` or `90 min`. */
export function durationText(ms: number): string {
  const [unit, length] = UNITS.find(([, of]) => ms % of === 0) ?? ['ms', 1]
  return `${ms / length} ${unit}`
}
