import { hash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { ESTIMATES, estimate, placeOf, REGISTERS } from '../../lib/semantics/approx-distinct.ts'

const ranksOf = (texts: readonly string[]): Uint8Array => {
  const ranks = new Uint8Array(REGISTERS)
  for (const text of texts) {
    const { register, rank } = placeOf(text)
    ranks[register] = Math.max(rank, ranks[register] ?? 0)
  }
  return ranks
}

describe('the approximate distinct count', () => {
  it('derives the register and rank of a text from the bits of its hash', () => {
    for (const text of ['', 'a', 'Ω≈😀', '-12', ...Array.from({ length: 2_000 }, (_, i) => `${i}`)]) {
      const bits = BigInt(`0x${hash('md5', text, 'hex').slice(0, 13)}`)
        .toString(2)
        .padStart(52, '0')
      const zeros = bits.slice(12).indexOf('1')
      expect(placeOf(text)).toEqual({ register: Number.parseInt(bits.slice(0, 10), 2), rank: zeros + 1 })
    }
  })

  it.each([1, 10, 100, 1_000, 10_000, 100_000])('of %i texts has an error of less than 10 %', count => {
    const found = Number(estimate(ranksOf(Array.from({ length: count }, (_, i) => `text ${i}`))))
    expect(Math.abs(found - count)).toBeLessThanOrEqual(count / 10)
  })

  it('is 0 without texts, and ignores order and duplicates', () => {
    expect(estimate(ranksOf([]))).toBe(0n)
    const texts = Array.from({ length: 500 }, (_, i) => `${i}`)
    expect(estimate(ranksOf([...texts, ...texts].reverse()))).toBe(estimate(ranksOf(texts)))
  })

  it('is never close to a half if registers are empty, so that every engine rounds it alike', () => {
    expect(ESTIMATES).toHaveLength(REGISTERS + 1)
    for (const value of ESTIMATES) expect(Math.abs((value % 1) - 0.5)).toBeGreaterThan(1e-9)
  })
})
