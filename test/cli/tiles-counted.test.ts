/** What people are told of an aggregate view's items: they are of tiles, and not of entities. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { DataEffect } from '../../lib/change/data-effects.ts'
import { backfillRows } from '../../lib/cli/effects/backfill-rows.ts'
import { moneyTexts } from '../../lib/cli/print/money-text.ts'
import { daysKept, tileLoad } from '../../lib/cost/tiles.ts'
import { workloadOf } from '../../lib/cost/workload.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { WINDOWS } from '../cost/aggregate-stores.ts'
import { installQuern, quern } from './quern.ts'

const DEFINITIONS = `
import { aggregateView, count, days, entity, fileSource, hours } from 'quern'

const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const tills = fileSource({ name: 'tills', path: 'tills.csv', eventTimestamp: 'at',
  columns: { shop: 'string', at: 'timestamp', receipt: 'int64' } })
export const sales = aggregateView({ name: 'sales', entities: [shop], source: tills, eventId: ['receipt'],
  aggregations: [count()], windows: [hours(1), days(7)] })
`
const NOW = ['--now', '2024-03-20T12:00:00Z']

let project: string
const run = (...args: string[]) => quern([...args, '--project', project])

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'quern-tiles-'))
  await mkdir(join(project, 'definitions'))
  await writeFile(join(project, 'definitions', 'store.ts'), DEFINITIONS)
  const rows = ['a,2024-03-18T01:00:00Z,1', 'a,2024-03-18T02:00:00Z,2', 'a,2024-03-19T01:00:00Z,3']
  await writeFile(
    join(project, 'tills.csv'),
    ['shop,at,receipt', ...rows, 'b,2024-03-19T01:00:00Z,4', ''].join('\n'),
  )
  await installQuern(project)
  await run('ingest', ...NOW)
  await run('materialize', ...NOW)
})
afterAll(() => rm(project, { recursive: true }))

const backfill = (of: string): DataEffect => ({
  of,
  table: of.replace('@', '_v'),
  standing: 'stays',
  columns: [],
  backfill: { columns: [], servingMs: null },
  online: 'all',
})

it('status counts items of tiles as such', async () => {
  // Three days of an entity, and a segment of each.
  const { views } = JSON.parse((await run('status', '--json', ...NOW)).stdout)
  expect(views).toMatchObject([{ view: 'sales@1', rows: 4, items: 5, itemsAre: 'tiles' }])
  expect((await run('status', ...NOW)).stdout).toMatch(/ 5 of tiles /)
})

it('a change’s rows are events, as the store has them', async () => {
  const week = { ...viewOf(WINDOWS, 'week@1'), key: 'sales@1', name: 'sales' }
  const plan = { ...WINDOWS, views: { 'sales@1': week } }
  const rows = await backfillRows({ project, plan, effects: [backfill('sales@1')], workload: null })
  expect(rows).toEqual([
    { view: 'sales@1', rows: 4, items: 5, from: 'the store on this machine', isOfTiles: true },
  ])
})

it('or as a workload says: the days that windows can still need', async () => {
  const workload = workloadOf({ everyView: { entities: 100, rowsPerDay: 300, historyDays: 50 } }, WINDOWS)
  const rows = await backfillRows({ project, plan: WINDOWS, effects: [backfill('week@1')], workload })
  const view = viewOf(WINDOWS, 'week@1')
  const items = Math.round(daysKept(view, tileLoad(workload, view)))
  // A week, an hour, and two days more.
  expect(items).toBe(904)
  expect(rows).toEqual([{ view: 'week@1', rows: 15_000, items, from: 'the workload', isOfTiles: true }])
  const none = { dollars: 0, lines: [], unpriced: [] }
  const texts = moneyTexts({
    was: null,
    is: none,
    rows,
    once: { bill: none, bytes: 0, writingMs: 0 },
    isLoaded: true,
  })
  expect(texts).toContain('  view week@1: 15,000 events, 904 items of tiles (the workload)')
})
