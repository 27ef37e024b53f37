import { describe, expect, it } from '@jest/globals'
import { type Span, tileLayoutOf, tileReads } from '../../../lib/online/tiles/tile-layout.ts'
import { usualTileMs, windowStart } from '../../../lib/semantics/window.ts'
import { random } from '../../oracle/random.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const span = (windowMs: number): Span => ({ windowMs, tileMs: usualTileMs(windowMs) })
const LEAP = 1_709_078_400_000_000n

const instants = random(20_261_126).times(800, i => {
  const edge = [0n, -1n, 1n, 12n * 3_600_000_000n, 59_999_999n][i % 5] ?? 0n
  return LEAP + BigInt(i) * 31n * 3_600_000_000n + edge
})

const most = (windows: readonly number[]): number => {
  const spans = windows.map(span)
  return Math.max(
    ...instants.map(t => {
      const { days, segments } = tileReads(spans, t)
      return days.length + segments.length
    }),
  )
}

describe('tileReads', () => {
  it.each([
    ['windows up to a day', [5 * MINUTE, HOUR, 6 * HOUR, 12 * HOUR, 13 * HOUR, DAY], 2],
    ['a day and a week', [HOUR, 6 * HOUR, DAY, 7 * DAY], 5],
    ['a week', [7 * DAY], 3],
    ['90 days', [90 * DAY], 4],
    ['an hour up to 90 days', [HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY], 8],
    ['four windows within days, and 90 days', [HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 12 * DAY, 90 * DAY], 10],
  ] as const)('of %s are at most %j', (_name, windows, items) => {
    expect(most(windows)).toBe(items)
  })

  it('covers each window at every instant that it is for', () => {
    const spans = [HOUR, DAY, 36 * HOUR, 7 * DAY, 40 * DAY].map(span)
    for (const from of instants) {
      const { days, segments, until } = tileReads(spans, from)
      expect(until >= from && until - from <= 60_000_000n).toBe(true)
      for (const t of [from, until])
        for (const one of spans) {
          const first = Number((windowStart(t, one) + 62_135_596_800_000_000n) / 86_400_000_000n)
          const today = Number((t + 62_135_596_800_000_000n) / 86_400_000_000n)
          if (one.windowMs <= DAY) for (let day = first; day <= today; day++) expect(days).toContain(day)
          else {
            if (one.tileMs < DAY) expect(days).toContain(first)
            for (let day = first + 1; day <= today; day++) expect(segments).toContain(Math.floor(day / 32))
          }
        }
    }
  })
})

describe('tileLayoutOf', () => {
  it.each([
    [[HOUR, 7 * DAY], 5 * MINUTE],
    [[7 * DAY], HOUR],
    [[30 * DAY], DAY],
  ])('for windows %j has tiles of %i ms', (windows, tileMs) => {
    expect(tileLayoutOf({ windows: windows.map(span) as never }).tileMs).toBe(tileMs)
  })
})
