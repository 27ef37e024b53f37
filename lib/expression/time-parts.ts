/** Parts of an instant in UTC. Instants are microseconds since 1970. */
const MS_A_DAY = 86_400_000

/** Division that rounds down. */
export const millisOf = (micros: bigint): number => {
  const remainder = micros % 1_000n
  return Number((micros - (remainder < 0n ? remainder + 1_000n : remainder)) / 1_000n)
}

/** Rounds down to a millisecond. */
export const utc = (micros: bigint): Date => new Date(millisOf(micros))

/** 1 is Monday; 1970 began on a Thursday. */
export function dayOfWeek(ms: number): bigint {
  const days = Math.floor(ms / MS_A_DAY) + 3
  return BigInt((((days % 7) + 7) % 7) + 1)
}

/** 1 to 366. Uses setters, because `Date.UTC` maps years below 100 to the 20th century. */
export function dayOfYear(instant: Date): bigint {
  const newYear = new Date(instant.getTime())
  newYear.setUTCMonth(0, 1)
  return BigInt(Math.round((instant.getTime() - newYear.getTime()) / MS_A_DAY) + 1)
}

/** From the second argument to the first. */
export const secondsBetween = (a: bigint, b: bigint): number => (millisOf(a) - millisOf(b)) / 1_000
