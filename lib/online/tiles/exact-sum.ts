/** An exact sum of integers. It uses fast number arithmetic while the values are safe integers. */

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

/** The sum as JSON without loss of precision. */
export const sumJson = (total: bigint): number | string =>
  BigInt.asIntN(53, total) === total ? Number(total) : total.toString()

export const sumOfJson = (json: unknown): number | bigint =>
  typeof json === 'number' ? json : BigInt(String(json))

/** Doubles hold integers below 2^53 exactly. */
const PART_BITS = 53
const INT64 = 2n ** 63n

export const inInt64 = (value: bigint): boolean => value >= -INT64 && value < INT64

/**
 * Converts a sum of scaled integers to a float, with the same steps as the SQL engines. Below 2^106, only the
 * addition and the division round. Returns null if the upper part does not fit into int64.
 */
export function sumAsFloat(total: bigint, unit: number): number | null {
  const low = BigInt.asUintN(PART_BITS, total)
  const high = total >> BigInt(PART_BITS)
  return inInt64(high) ? (Number(high) * 2 ** PART_BITS + Number(low)) / unit : null
}
