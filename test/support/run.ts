/** A workflow run in progress, for tests of its tasks. */
import type { Run } from '../../lib/verbs/materialize/materialize.ts'

export const runUpTo = (to: bigint | string, views: readonly string[], more: Partial<Run> = {}): Run => ({
  views,
  ingest: [],
  from: null,
  to: String(to),
  execution: 'test',
  startedAt: '2026-01-01T00:00:00Z',
  ...more,
})
