/** The oracle checks the SQL on DuckDB: generated stores and spines give the same training set, row by row. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { spineNeeds } from '../../lib/offline/training-set/spine.ts'
import { anyCase, type Case } from './generate.ts'
import { caseJoin, failure, firstDifference, historySelect, spineSelect } from './judge.ts'
import { naiveTrainingSet } from './naive.ts'
import { random } from './random.ts'

const CASES = 320
/** Enough cases to detect a deliberate error. */
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

  it.each([
    ['as DuckDB is asked', false],
    ['as Trino is asked, rows kept out of the window', true],
  ])(`agrees with the oracle on ${CASES} generated cases, %s`, async (_, joinsBeforeWindow) => {
    const seen = { rows: 0, visible: 0 }
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const made = anyCase(random(seed))
      const { sql, actual } = await ask(engine, made, joinsBeforeWindow)
      const expected = naiveTrainingSet(made.service, made.plan.views, made.histories, made.spine, made)
      const difference = firstDifference(expected, actual)
      if (difference !== null) throw new Error(failure(seed, made, sql, difference))
      seen.rows += expected.length
      seen.visible += expected.filter(row =>
        Object.entries(row).some(([k, v]) => isFeature(made, k) && v !== null),
      ).length
    }
    // The cases are only useful if many of their values are visible.
    expect(seen.visible / seen.rows).toBeGreaterThan(0.3)
  })

  it('differs from a join that is wrong at the end of the TTL', async () => {
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
  column !== 'label' && !spineNeeds([service]).some(needed => needed.name === column)

async function ask(engine: DuckDbEngine, made: Case, joinsBeforeWindow = engine.dialect.joinsBeforeWindow) {
  const tables: Record<string, string> = {}
  for (const key of Object.keys(made.histories)) {
    tables[key] = `"${key}"`
    const select = historySelect(engine.dialect, made, key)
    await engine.run(`create or replace temp table "${key}" as ${select}`)
  }
  await engine.run(`create or replace temp table the_spine as ${spineSelect(engine.dialect, made)}`)
  const dialect = { ...engine.dialect, joinsBeforeWindow }
  const sql = caseJoin({ dialect, made, spine: 'the_spine', tables })
  return { sql, actual: await engine.rows(sql) }
}
