import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  BUCKETS,
  bucketOf,
  type Rollout,
  RolloutSchema,
  variantOf,
} from '../../../lib/online/rollout/rollout.ts'

const PLAN = 'a'.repeat(64)
const rollout = (...percents: readonly number[]): Pick<Rollout, 'variants'> => ({
  variants: percents.map((percent, i) => ({ name: `v${i}`, plan: PLAN, percent })),
})

describe('bucketOf', () => {
  it.each([
    // The test vectors of docs/rollouts.md.
    ['departure_delay', ['AA', 'LAX', 'JFK', 'N338AA'], 7_009],
    ['departure_delay', ['DL', 'ATL', 'EWR', 'N6712B'], 1_063],
    ['turnover', ['42'], 525],
    ['turnover', ['zürich%7C1'], 5_163],
  ])('of %s %j is %d, in every language', (service, texts, bucket) => {
    const hex = createHash('sha256')
      .update([service, ...texts].join('|'))
      .digest('hex')
      .slice(0, 8)
    expect(bucketOf(service, texts)).toBe(Number.parseInt(hex, 16) % 10_000)
    expect(bucketOf(service, texts)).toBe(bucket)
  })

  it('spreads entities evenly, and differently for each service', () => {
    const entities = Array.from({ length: 20_000 }, (_, i) => [String(i)])
    const shares = ['a', 'b'].map(service =>
      entities.map(texts => variantOf(rollout(10, 90), bucketOf(service, texts))),
    )
    for (const chosen of shares) {
      const share = chosen.filter(variant => variant === 0).length / entities.length
      expect(share).toBeGreaterThan(0.09)
      expect(share).toBeLessThan(0.11)
    }
    const [a = [], b = []] = shares
    const both = a.filter((variant, i) => variant === 0 && b[i] === 0).length / entities.length
    expect(both).toBeLessThan(0.02)
  })
})

describe('variantOf', () => {
  it('returns the variant whose share contains the bucket, as in a naive count', () => {
    const shares = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(shares, fc.integer({ min: 0, max: BUCKETS - 1 }), (percents, bucket) => {
        const owners = percents.flatMap((percent, i) => new Array<number>(percent * 100).fill(i))
        expect(variantOf(rollout(...percents), bucket)).toBe(owners[bucket] ?? percents.length - 1)
      }),
    )
  })

  it('keeps the entities of a variant while its share grows', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 })),
        fc.integer({ min: 0, max: BUCKETS - 1 }),
        ([a, b], bucket) => {
          const [less, more] = [Math.min(a, b), Math.max(a, b)]
          if (variantOf(rollout(less, 100 - less), bucket) === 0)
            expect(variantOf(rollout(more, 100 - more), bucket)).toBe(0)
        },
      ),
    )
  })
})

describe('RolloutSchema', () => {
  const good = {
    format: 1,
    service: 's',
    started: '2026-01-01T00:00:00Z',
    ...rollout(100),
    shadow: null,
    previous: null,
  }
  it.each([
    ['of another format', { ...good, format: 2 }],
    ['without variants', { ...good, variants: [] }],
    ['with a share beyond 100', { ...good, ...rollout(101) }],
    ['with a plan that is no hash', { ...good, shadow: 'abc' }],
  ])('refuses %s', (_what, document) => {
    expect(RolloutSchema.safeParse(good).success).toBe(true)
    expect(RolloutSchema.safeParse(document).success).toBe(false)
  })
})
