/**
 * A length of time, in whole milliseconds. Made by {@link hours} and its like, so that its unit is always read.
 * `T` is its text in names, such as `7d`.
 */
export interface Duration<T extends string = string> {
  readonly ms: number
  /** As it was said: the number and its unit, such as `90min`. */
  readonly text: T
}

const duration =
  <const U extends string>(unit: U, ms: number) =>
  <const N extends number>(n: N): Duration<`${N}${U}`> => ({ ms: n * ms, text: `${n}${unit}` })

export const milliseconds = duration('ms', 1)
export const seconds = duration('s', 1_000)
export const minutes = duration('min', 60_000)
export const hours = duration('h', 3_600_000)
export const days = duration('d', 86_400_000)
