/** Parts of an instant of microseconds since 1970, in UTC. */
const MS_A_DAY = 86_400_000

/** Rounded down. */
export const millisOf = (micros: bigint): number => {
  const remainder = micros % 1_000n
  return Number((micros - (remainder < 0n ? remainder + 1_000n : remainder)) / 1_000n)
}

/** To the millisecond, rounded down. */
export const utc = (micros: bigint): Date => new Date(millisOf(micros))

/** 1 is Monday; 1970 began on a Thursday. */
export function dayOfWeek(ms: number): bigint {
  const days = Math.floor(ms / MS_A_DAY) + 3
  return BigInt((((days % 7) + 7) % 7) + 1)
}

/** 1 to 366. Setting fields, since `Date.UTC` takes years below 100 for those of the last century. */
export function dayOfYear(instant: Date): bigint {
  const newYear = new Date(instant.getTime())
  newYear.setUTCMonth(0, 1)
  return BigInt(Math.round((instant.getTime() - newYear.getTime()) / MS_A_DAY) + 1)
}

/** From the second to the first. */
export const secondsBetween = (a: bigint, b: bigint): number => (millisOf(a) - millisOf(b)) / 1_000
