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

const PART = 10n ** 15n
const INT64 = 2n ** 63n

export const inInt64 = (value: bigint): boolean => value >= -INT64 && value < INT64

/** A sum that was counted in parts of a unit, as a float: by the same steps in every engine. Null beyond what int64 bears. */
export function sumAsFloat(total: bigint, unit: number): number | null {
  const low = total % PART
  const high = (total - low) / PART
  return inInt64(high) ? (Number(high) * 1e15 + Number(low)) / unit : null
}
