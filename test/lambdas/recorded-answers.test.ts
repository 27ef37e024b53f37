/** Recording in a deployed function: what is counted, and what is logged. */
import { beforeEach, describe, expect, it } from '@jest/globals'
import { embeddedMetrics } from '../../lambdas/embedded-metrics.ts'
import { withRecording } from '../../lambdas/recorded-answers.ts'
import type { FeatureLogging, FeatureLogOutcome, ServingContext } from '../../lib/runtime.ts'
import { plan } from '../online/plans.ts'

const lines: Record<string, unknown>[] = []
const logged: unknown[] = []
const note = (...of: readonly unknown[]): void => void logged.push(of)
const told = {
  log: { info: note, warn: note, error: note },
  metrics: embeddedMetrics({
    namespace: 'quern',
    serviceName: 'quern-serving',
    write: line => void lines.push(JSON.parse(line)),
  }),
}
const world: ServingContext = {
  plan,
  online: {
    read: async () => [],
    write: async () => ({ written: 0, kept: 0 }),
    compareAndSet: async () => [],
    watermark: async () => null,
    advance: async () => undefined,
    count: async () => 0,
  },
  clock: { now: () => 0 },
}
const recording: FeatureLogging = { answers: { append: async () => undefined }, share: 0.5 }

beforeEach(() => {
  lines.length = 0
  logged.length = 0
})

const hear = (outcome: FeatureLogOutcome): void =>
  withRecording<ServingContext>({ ...world, recording }, told).recording?.onOutcome?.('now', outcome)

describe('recorded answers', () => {
  it('are counted by service', () => {
    hear({ recorded: 70 })
    hear({ skipped: 1 })
    expect(lines).toMatchObject([
      { feature_service: 'now', records: 70 },
      { feature_service: 'now', records_skipped: 1 },
    ])
    expect(logged).toEqual([])
  })

  it('that could not be laid down are counted, and logged without what was in them', () => {
    const error = new Error('stream quern-prod-recorded is not there')
    hear({ failed: 1, error })
    expect(lines).toMatchObject([{ feature_service: 'now', records_failed: 1 }])
    expect(logged).toEqual([['answers could not be recorded', { feature_service: 'now', error }]])
  })

  it('of callers who are not recorded count nothing', () => {
    hear({ recorded: 0 })
    expect(lines).toEqual([])
  })

  it('are none where the environment asks for none', () => {
    expect(withRecording(world, told)).toBe(world)
  })
})
