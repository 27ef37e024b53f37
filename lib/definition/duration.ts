/** A length of time, in whole milliseconds. Made by {@link hours} and its like, so that its unit is always read. */
export interface Duration {
  readonly ms: number
}

export const milliseconds = (n: number): Duration => ({ ms: n })
export const seconds = (n: number): Duration => ({ ms: n * 1_000 })
export const minutes = (n: number): Duration => ({ ms: n * 60_000 })
export const hours = (n: number): Duration => ({ ms: n * 3_600_000 })
export const days = (n: number): Duration => ({ ms: n * 86_400_000 })
