/** A sum of whole numbers without loss, as fast as numbers are while it is small. */

export interface ExactSum {
  readonly add: (value: number | bigint) => void
  readonly total: () => bigint
}

export function exactSum(): ExactSum {
  let [small, large] = [0, 0n]
  return {
    add: value => {
      if (typeof value === 'number') {
        const sum = small + value
        if (Number.isSafeInteger(value) && Number.isSafeInteger(sum)) {
          small = sum
          return
        }
      }
      large += BigInt(value)
    },
    total: () => large + BigInt(small),
  }
}

/** As JSON without loss. */
export const sumJson = (total: bigint): number | string =>
  BigInt.asIntN(53, total) === total ? Number(total) : total.toString()

export const sumOfJson = (json: unknown): number | bigint =>
  typeof json === 'number' ? json : BigInt(String(json))

/** Floats hold whole numbers below 2^53 without loss. */
const PART_BITS = 53
const INT64 = 2n ** 63n

export const inInt64 = (value: bigint): boolean => value >= -INT64 && value < INT64

/**
 * A sum that was counted in parts of a unit, as a float: by the same steps in every engine, of which below 2^106 only the
 * addition and the division round. Null beyond what int64 bears.
 */
export function sumAsFloat(total: bigint, unit: number): number | null {
  const low = BigInt.asUintN(PART_BITS, total)
  const high = total >> BigInt(PART_BITS)
  return inInt64(high) ? (Number(high) * 2 ** PART_BITS + Number(low)) / unit : null
}
