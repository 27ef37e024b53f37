/** The oracle checks windows on DuckDB: generated views, events and spines give the same training set, row by row. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { PAIRS_PER_MARK } from '../../lib/offline/windows/density.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { anyWindowCase, type WindowCase } from './generate-windows.ts'
import { firstDifference } from './judge.ts'
import { naiveWindows, windowJoin, windowSpine, windowTable } from './judge-windows.ts'
import { text } from './naive.ts'
import { random } from './random.ts'

const CASES = 320
const WRONG_CASES = 80
const FIRST_SEED = 20_240_228

describe('windows', () => {
  let engine: DuckDbEngine
  let scratch: string
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'quern-windows-'))
    engine = await openDuckDb({ scratch })
  })
  afterAll(async () => {
    engine.close()
    await rm(scratch, { recursive: true })
  })

  it.each([
    ['as little is near', PAIRS_PER_MARK],
    ['as if much were near: sums are subtracted', 0],
  ])(`agree with the oracle on ${CASES} generated cases, %s`, async (_, pairsPerMark) => {
    const seen = { values: 0, held: 0 }
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const made = anyWindowCase(random(seed))
      const { sql, actual } = await ask(engine, made, pairsPerMark)
      const expected = naiveWindows(made)
      const difference = firstDifference(expected, actual)
      if (difference !== null) throw new Error(failure(seed, made, sql, difference))
      const values = expected.flatMap(row => made.service.uses.flatMap(u => u.features.map(f => row[f.name])))
      seen.values += values.length
      seen.held += values.filter(value => value !== null && value !== 0n).length
    }
    expect(seen.held / seen.values).toBeGreaterThan(0.2)
  })

  it('differ from windows that are wrong by a microsecond, or rounded to another tile', async () => {
    let caught = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + WRONG_CASES; seed++) {
      const made = anyWindowCase(random(seed))
      const plan = {
        ...made.plan,
        views: Object.fromEntries(
          Object.keys(made.plan.views).map(key => {
            const view = viewOf(made.plan, key)
            const windows =
              view.aggregates?.windows.map(w => ({ ...w, windowMs: w.windowMs + w.tileMs })) ?? []
            return [key, { ...view, aggregates: view.aggregates && { ...view.aggregates, windows } }]
          }),
        ),
      }
      const { actual } = await ask(engine, { ...made, plan })
      if (firstDifference(naiveWindows(made), actual) !== null) caught++
    }
    expect(caught).toBeGreaterThan(20)
  })
})

async function ask(engine: DuckDbEngine, made: WindowCase, pairsPerMark = PAIRS_PER_MARK) {
  const tables: Record<string, string> = {}
  for (const key of Object.keys(made.plan.views)) {
    tables[key] = `"${key}"`
    await engine.run(`create or replace temp table "${key}" as ${windowTable(engine.dialect, made, key)}`)
  }
  await engine.run(`create or replace temp table the_spine as ${windowSpine(engine.dialect, made)}`)
  const sql = windowJoin(engine.dialect, made, { spine: 'the_spine', tables, pairsPerMark })
  return { sql, actual: await engine.rows(sql) }
}

function failure(seed: number, made: WindowCase, sql: string, difference: string): string {
  const events = made.events
    .map(
      ({ event, created, id, values }) =>
        `${event} known ${created} ${id} ${Object.entries(values)
          .map(([k, v]) => `${k}=${text(v)}`)
          .join(' ')}`,
    )
    .join('\n')
  return `seed ${seed}: ${difference}\noptions: asOf=${made.asOf} asKnown=${made.asKnown}\nplan: ${JSON.stringify(made.plan.views)}\nevents:\n${events}\nSQL:\n${sql}`
}
