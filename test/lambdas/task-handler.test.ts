/** What an invocation of a task is: whose work, until when, under which clock. And what a run's report measures. */
import { describe, expect, it } from '@jest/globals'
import { measureRun } from '../../lambdas/report-run.ts'
import { workOf } from '../../lambdas/task-handler.ts'
import type { ViewReport } from '../../lib/verbs/materialize/materialize.ts'
import { runUpTo } from '../support/run.ts'

const NOW = Date.UTC(2026, 0, 2)
const payload = (more: object = {}) => ({ view: 'a@1', run: runUpTo('0', ['a@1'], more) })
const work = (input: unknown, remainingMs = 900_000) => workOf('IngestView', input, NOW, remainingMs)
const token = (input: unknown) => work(input).replay?.token('select 1')

describe('an invocation of a task', () => {
  it('is the same work for the same view of the same run, and for no other', () => {
    const same = token(payload())
    expect(token(payload())).toBe(same)
    const others = [
      token({ ...payload(), view: 'b@1' }),
      token(payload({ execution: 'another' })),
      workOf('SelectLatestRows', payload(), NOW, 900_000).replay?.token('select 1'),
    ]
    expect(new Set([same, ...others]).size).toBe(4)
    // Athena takes 32 to 128 characters.
    expect(same).toHaveLength(64)
  })

  it("has the run's start for now, however late it is called again", () => {
    expect(work(payload({ startedAt: '2026-01-01T00:00:00Z' })).clock?.now()).toBe(Date.UTC(2026, 0, 1))
  })

  it('waits a minute for its queries, or as long as the function has', () => {
    expect(work(payload()).until).toBe(NOW + 60_000)
    expect(work(payload(), 20_000).until).toBe(NOW + 15_000)
  })

  it('that is no part of a run is taken up by nobody', () => {
    expect(work({ view: 'a@1', chunk: {} })).toEqual({})
  })

  it('with a payload of another form is refused', () => {
    expect(() => work({ view: 1 })).toThrow(/view/)
    expect(() => work(payload({ startedAt: 'yesterday' }))).toThrow(/startedAt/)
  })
})

describe("a run's report", () => {
  const report = (view: string, status: ViewReport['status'], error: string | null = null): ViewReport => ({
    view,
    status,
    written: 2,
    kept: 1,
    error,
  })

  it('measures each view, and how fresh it is where that is known', () => {
    const lines: Record<string, unknown>[] = []
    let line: Record<string, unknown> = {}
    const metrics = {
      addDimension: (name: string, value: string) => Object.assign(line, { [name]: value }),
      addMetadata: () => undefined,
      addMetric: (name: string, _unit: string, value: number) => Object.assign(line, { [name]: value }),
      publishStoredMetrics: () => {
        lines.push(line)
        line = {}
      },
    }
    const views = [
      report('a@1', 'materialized'),
      report('b@1', 'failed', 'told so'),
      report('c@1', 'ingested'),
    ]
    measureRun(metrics, views, runUpTo(BigInt(NOW) * 1_000n, []), NOW + 90_000)
    const counts = { written: 2, kept: 1 }
    expect(lines).toEqual([
      { feature_view: 'a@1', ...counts, failed: 0, freshness: 90 },
      { feature_view: 'b@1', ...counts, failed: 1 },
      { feature_view: 'c@1', ...counts, failed: 0 },
    ])
    measureRun(metrics, views.slice(0, 1), { ...runUpTo('0', []), to: null }, Date.UTC(2026, 0, 1) + 5_000)
    expect(lines.at(-1)).toMatchObject({ freshness: 5 })
  })
})
