/**
 * A length of time in whole milliseconds. Create it with {@link hours}, {@link days} and so on, which name the unit.
 * `T` is its text in feature names, such as `7d`.
 */
export interface Duration<T extends string = string> {
  readonly ms: number
  /** The number and unit as declared, such as `90min`. */
  readonly text: T
}

const duration =
  <const U extends string>(unit: U, ms: number) =>
  <const N extends number>(n: N): Duration<`${N}${U}`> => ({ ms: n * ms, text: `${n}${unit}` })

/**
 * A duration in milliseconds.
 *
 * @example
 * import { milliseconds } from 'quern'
 * const latency = milliseconds(20)
 */
export const milliseconds = duration('ms', 1)

/**
 * A duration in seconds.
 *
 * @example
 * import { seconds } from 'quern'
 * const maxStaleness = seconds(30)
 */
export const seconds = duration('s', 1_000)

/**
 * A duration in minutes.
 *
 * @example
 * import { minutes } from 'quern'
 * const schedule = { every: minutes(15) }
 */
export const minutes = duration('min', 60_000)

/**
 * A duration in hours.
 *
 * @example
 * import { hours } from 'quern'
 * const ttl = hours(3)
 */
export const hours = duration('h', 3_600_000)

/**
 * A duration in days of 24 hours.
 *
 * @example
 * import { days } from 'quern'
 * const windows = [days(1), days(7)]
 */
export const days = duration('d', 86_400_000)
