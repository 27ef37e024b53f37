/** The oracle judges the SQL on DuckDB: generated stores and spines, the same training set row by row. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Plan, viewOf } from '../../lib/compiler/plan.ts'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/duckdb-engine.ts'
import { pointInTimeJoin, SPINE_ROW } from '../../lib/offline/point-in-time-join.ts'
import { spineNeeds } from '../../lib/offline/spine.ts'
import { tableColumns } from '../../lib/offline/table.ts'
import { anyCase, type Case } from './generate.ts'
import { type HistoryRow, naiveTrainingSet, type SpineRow, text } from './naive.ts'
import { random } from './random.ts'
import { rowsSelect } from './sql-values.ts'

const CASES = 320
/** Enough to catch what is wrong on purpose. */
const WRONG_CASES = 80
const FIRST_SEED = 20_240_101

describe('the point-in-time join', () => {
  let engine: DuckDbEngine
  let scratch: string
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'quern-oracle-'))
    engine = await openDuckDb({ scratch })
  })
  afterAll(async () => {
    engine.close()
    await rm(scratch, { recursive: true })
  })

  it(`agrees with the oracle on ${CASES} generated cases`, async () => {
    const seen = { rows: 0, visible: 0 }
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const made = anyCase(random(seed))
      const { sql, actual } = await ask(engine, made)
      const expected = naiveTrainingSet(made.service, made.plan.views, made.histories, made.spine, made)
      const difference = firstDifference(expected, actual)
      if (difference !== null) throw new Error(failure(seed, made, sql, difference))
      seen.rows += expected.length
      seen.visible += expected.filter(row =>
        Object.entries(row).some(([k, v]) => isFeature(made, k) && v !== null),
      ).length
    }
    // The cases are worth something only if much of what they ask for can be seen.
    expect(seen.visible / seen.rows).toBeGreaterThan(0.3)
  })

  it('is told apart from a join that is wrong at the edge of the TTL', async () => {
    let caught = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + WRONG_CASES; seed++) {
      const made = anyCase(random(seed))
      const views = Object.fromEntries(
        Object.entries(made.plan.views).map(([key, view]) => [
          key,
          { ...view, ttlMs: view.ttlMs === null ? null : view.ttlMs + 1 },
        ]),
      )
      const { actual } = await ask(engine, { ...made, plan: { ...made.plan, views } })
      const expected = naiveTrainingSet(made.service, made.plan.views, made.histories, made.spine, made)
      if (firstDifference(expected, actual) !== null) caught++
    }
    expect(caught).toBeGreaterThan(3)
  })
})

const isFeature = ({ service }: Case, column: string): boolean =>
  column !== 'label' && !spineNeeds(service).some(needed => needed.name === column)

async function ask(engine: DuckDbEngine, { plan, service, histories, spine, ...options }: Case) {
  const tables = await layDown(engine, plan, histories)
  const columns = [...spineNeeds(service), { name: 'label', type: 'int64' } as const]
  const rows = spine.map(row => columns.map(({ name }) => row[name] ?? null))
  const numbered = rowsSelect(
    engine.dialect,
    [{ name: SPINE_ROW, type: 'int64' }, ...columns],
    rows.map((row, i) => [BigInt(i), ...row]),
  )
  await engine.run(`create or replace temp table the_spine as ${numbered}`)
  const sql = pointInTimeJoin({
    dialect: engine.dialect,
    plan,
    service,
    spine: 'the_spine',
    spineColumns: columns.map(column => column.name),
    tables,
    bounds: boundsOf(spine),
    ordered: true,
    ...options,
  })
  return { sql, actual: await engine.rows(sql) }
}

function boundsOf(spine: readonly SpineRow[]) {
  const instants = spine
    .map(row => row['event_timestamp'])
    .filter(value => typeof value === 'bigint')
    .sort((a, b) => (a < b ? -1 : 1))
  const [first, last] = [instants[0], instants.at(-1)]
  return first === undefined || last === undefined ? null : { first, last }
}

async function layDown(engine: DuckDbEngine, plan: Plan, histories: Case['histories']) {
  const tables: Record<string, string> = {}
  for (const [key, history] of Object.entries(histories)) {
    const view = viewOf(plan, key)
    const columns = tableColumns(view)
    const rows = history.map(row => columns.map(({ name }) => cellOf(row, name)))
    tables[key] = `"${key}"`
    await engine.run(`create or replace temp table "${key}" as ${rowsSelect(engine.dialect, columns, rows)}`)
  }
  return tables
}

function cellOf(row: HistoryRow, column: string) {
  if (column === 'event_timestamp') return row.event
  if (column === 'created_timestamp') return row.created
  return column === 'row_hash' ? row.hash : (row.keys[column] ?? row.features[column] ?? null)
}

const rowText = (row: SpineRow | undefined): string =>
  row === undefined
    ? 'no row'
    : Object.keys(row)
        .sort()
        .map(name => `${name}=${text(row[name] ?? null)}`)
        .join(' ')

function firstDifference(expected: readonly SpineRow[], actual: readonly SpineRow[]): string | null {
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const [wanted, got] = [rowText(expected[i]), rowText(actual[i])]
    if (wanted !== got) return `row ${i}\n  oracle: ${wanted}\n  engine: ${got}`
  }
  return null
}

const failure = (seed: number, made: Case, sql: string, difference: string): string =>
  `seed ${seed}: ${difference}\noptions: asOf=${made.asOf} asKnown=${made.asKnown}\nplan: ${JSON.stringify(made.plan)}\nSQL:\n${sql}`
