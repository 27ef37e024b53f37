import { describe, expect, it } from '@jest/globals'
import { isExpired, isVisible, type RowTime, rowOrder } from '../../lib/semantics/point-in-time.ts'
import { random } from '../oracle/random.ts'

const row = (
  eventTimestamp: bigint,
  createdTimestamp: bigint | null = null,
  rowHash = '0'.repeat(16),
): RowTime => ({
  eventTimestamp,
  createdTimestamp,
  rowHash,
})

describe('the rule of time', () => {
  it.each([
    ['a row of the same instant', 10_000n, true],
    ['a row of the first instant of the ttl', 9_000n, true],
    ['a row a microsecond before that', 8_999n, false],
    ['a row a microsecond in the future', 10_001n, false],
  ])('with a ttl of 1 ms, from 10 ms: %s', (_, event, visible) => {
    expect(isVisible(row(event), 10_000n, { ttlMs: 1 })).toBe(visible)
  })

  it('shows rows of any age without a ttl', () => {
    expect(isVisible(row(-62_135_596_800_000_000n), 0n, { ttlMs: null })).toBe(true)
    expect(isExpired(-62_135_596_800_000_000n, 0n, null)).toBe(false)
  })

  it.each([
    ['asOf hides a row created later', { asOf: 5n }, 6n, false],
    ['asOf shows a row created then', { asOf: 5n }, 5n, true],
    ['asKnown hides a row created after the instant', { asKnown: true }, 11n, false],
    ['asKnown shows a row created at the instant', { asKnown: true }, 10n, true],
    ['neither hides a row without a created timestamp', { asOf: 5n, asKnown: true }, null, true],
  ])('%s', (_, looking, created, visible) => {
    expect(isVisible(row(1n, created), 10n, { ttlMs: null, ...looking })).toBe(visible)
  })
})

describe('the order of rows', () => {
  const INSTANTS = [
    -62_135_596_800_000_000n,
    -1n,
    0n,
    1n,
    999_999n,
    1_704_067_200_000_000n,
    253_402_300_799_999_999n,
  ]
  const compare = (a: RowTime, b: RowTime): number => {
    if (a.eventTimestamp !== b.eventTimestamp) return a.eventTimestamp < b.eventTimestamp ? -1 : 1
    const [x, y] = [a.createdTimestamp, b.createdTimestamp]
    if (x !== y) return x === null || (y !== null && x < y) ? -1 : 1
    return a.rowHash < b.rowHash ? -1 : a.rowHash > b.rowHash ? 1 : 0
  }

  it('compares event timestamps, then created timestamps with null lowest, then hashes', () => {
    const { pick, times, below, chance } = random(7)
    const any = (): RowTime =>
      row(pick(INSTANTS), chance(0.3) ? null : pick(INSTANTS), below(4).toString(16).padStart(16, '0'))
    for (const [a, b] of times(2_000, () => [any(), any()] as const))
      expect(Math.sign(rowOrder(a) < rowOrder(b) ? -1 : rowOrder(a) > rowOrder(b) ? 1 : 0)).toBe(
        compare(a, b),
      )
  })

  it('uses texts of equal length, so that they compare byte by byte', () => {
    const lengths = INSTANTS.flatMap(e => [rowOrder(row(e)).length, rowOrder(row(e, e)).length])
    expect(new Set(lengths)).toEqual(new Set([52]))
  })
})
