/** Materialization of an aggregate view: repeated events, events too large for an item, future events, and removal. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { materializationTasks } from '../../../lambdas/materialization.ts'
import {
  aggregateView,
  count,
  days,
  entity,
  hours,
  lastN,
  streamSource,
} from '../../../lib/definition/index.ts'
import { aslWorkflow } from '../../../lib/local/asl-workflow.ts'
import { stateMachine } from '../../../lib/materialization/state-machine.ts'
import { tableColumns } from '../../../lib/offline/table.ts'
import { viewOf } from '../../../lib/plan/plan.ts'
import { microsOf } from '../../../lib/semantics/point-in-time.ts'
import type { RunReport } from '../../../lib/verbs/materialize/report-run.ts'
import { onlineFeatures } from '../../../lib/verbs/serve/get-online-features.ts'
import { definitionOf } from '../../../lib/verbs/tables/open-table.ts'
import { rowsSelect } from '../../oracle/sql-values.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts'
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts'

const NOW = 1_709_204_400_000
const T = microsOf(NOW)
const HOUR = 3_600_000_000n

const carrier = entity({ name: 'carrier', joinKeys: { carrier: 'string' } })
const arrivals = streamSource({
  name: 'arrivals',
  schema: { flight: 'int64', carrier: 'string', note: 'string' },
  eventTimestamp: 'landed',
  eventId: ['flight'],
})
const notes = aggregateView({
  name: 'notes',
  entities: [carrier],
  source: arrivals,
  aggregations: [count(), lastN('note', 100)],
  windows: [hours(1), days(2)],
})
const KEY = 'notes@1'

let server: EmbeddedDynamoDb
beforeAll(async () => {
  server = await startEmbeddedDynamoDb()
})
afterAll(() => server.close())

const open = () => temporaryStore({ definitions: [notes], now: NOW, server })

type Row = readonly [who: string, flight: number, at: bigint, note: string]

async function put(store: TemporaryStore, id: string, rows: readonly Row[]): Promise<void> {
  const view = viewOf(store.plan, KEY)
  const of = ([who, flight, at, note]: Row) => ({
    carrier: who,
    event_timestamp: at,
    created_timestamp: at,
    row_hash: 'hash',
    quern_event: `${String(flight).length}:${flight}`,
    note,
  })
  const columns = tableColumns(view)
  const values = rows.map(row => columns.map(({ name }) => of(row)[name as 'note'] ?? null))
  const batch = () => rowsSelect(store.engine.dialect, columns, values)
  const definition = definitionOf(store, view)
  await store.offline.append(view, { id, created: T, definition, rows: batch })
}

async function run(store: TemporaryStore, to = T, from: bigint | null = null) {
  const input = { views: [KEY], ingest: [], from: from?.toString() ?? null, to: to.toString() }
  const workflow = aslWorkflow({ tasks: materializationTasks(store) })
  const { views } = (await workflow.run(stateMachine(store.plan), input)) as RunReport
  return views[0]
}

async function counted(store: TemporaryStore, who: string): Promise<readonly unknown[]> {
  const { text } = await onlineFeatures(store)(
    JSON.stringify({ features: ['notes:count_1h', 'notes:count_2d'], entities: { carrier: [who] } }),
  )
  const { results } = JSON.parse(text) as { results: { values: unknown[] }[] }
  return results.slice(1).map(({ values }) => values[0])
}

describe('a run of an aggregate view', () => {
  it('applies the events that windows can still hold, reports counts, and is idempotent', async () => {
    await using store = await open()
    await put(store, 'first', [
      ['AA', 1, T, 'a'],
      ['AA', 2, T - 2n * HOUR, 'b'],
      ['AA', 3, T - 49n * HOUR - 1n, 'too old'],
      ['AA', 4, T + 1n, 'of the future'],
    ])
    expect(await run(store)).toMatchObject({ status: 'materialized', written: 2, kept: 0 })
    expect(await counted(store, 'AA')).toEqual([1, 2])
    expect(await run(store)).toMatchObject({ status: 'current', written: 0 })
    expect(await run(store, T, T - 100n * HOUR)).toMatchObject({ written: 0, kept: 2 })
    await put(store, 'second', [['AA', 5, T - 1n, 'late']])
    expect(await run(store)).toMatchObject({ written: 1, kept: 0 })
    store.setNow(NOW + 1)
    expect(await run(store, T + 1_000n)).toMatchObject({ written: 1, kept: 0 })
    expect(await counted(store, 'AA')).toEqual([3, 4])
  })

  it('with a future end stops at its start, and a later run applies the rest', async () => {
    await using store = await open()
    const later = microsOf(Date.now() + 3_600_000)
    await put(store, 'first', [['AA', 1, later, 'of the future']])
    expect(await run(store, later + HOUR)).toMatchObject({ written: 0 })
    const watermark = await store.online.watermark(KEY)
    expect(watermark?.to).toBeLessThan(later)
  })

  it('reports events that are too large for an item', async () => {
    await using store = await open()
    const long = 'x'.repeat(5_000)
    const rows = Array.from({ length: 10 }, (_, i): Row => ['AA', i, T, long])
    await put(store, 'first', [...rows, ['BB', 1, T, 'short']])
    expect(await run(store)).toMatchObject({ status: 'materialized', written: 3, kept: 0, tooLarge: 8 })
    expect(await counted(store, 'AA')).toEqual([2, 2])
    expect(await counted(store, 'BB')).toEqual([1, 1])
  })

  it('leaves no items online after its view is removed', async () => {
    await using store = await open()
    await put(store, 'first', [
      ['AA', 1, T, 'a'],
      ['BB', 2, T - 30n * HOUR, 'b'],
    ])
    await run(store)
    const { online } = store
    expect(await online.count(KEY)).toBe(4)
    expect(await online.remove(KEY)).toBe(4)
    expect(await counted(store, 'AA')).toEqual([0, 0])
    expect(await run(store)).toMatchObject({ written: 2 })
    expect(await counted(store, 'BB')).toEqual([0, 1])
  })
})
