/** The oracle checks labels and leaks, which use the point-in-time join. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { labelJoin } from '../../lib/offline/training-set/label-join.ts'
import { leakingRows } from '../../lib/offline/training-set/leaking-rows.ts'
import { anyCase, anyInstant, type Case } from './generate.ts'
import { caseInput, failure, firstDifference, historySelect, spineSelect } from './judge.ts'
import { naiveLabels, naiveLeaks } from './naive-labels-and-leaks.ts'
import { random } from './random.ts'

const CASES = 120
const FIRST_SEED = 20_250_301

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

/** Writes a case to tables. */
async function lay(made: Case): Promise<Record<string, string>> {
  const tables: Record<string, string> = {}
  for (const key of Object.keys(made.histories)) {
    tables[key] = `"${key}"`
    await engine.run(`create or replace temp table "${key}" as ${historySelect(engine.dialect, made, key)}`)
  }
  await engine.run(`create or replace temp table the_spine as ${spineSelect(engine.dialect, made)}`)
  return tables
}

describe('labels', () => {
  it(`are the oracle's in ${CASES} generated cases`, async () => {
    let found = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const numbers = random(seed)
      const made = anyCase(numbers)
      const windowMs = numbers.pick([1, 1_000, 60_000])
      const reached = numbers.chance(0.1) ? null : anyInstant(numbers) + 60_000_000n
      const labels = { service: made.service, windowMs, reached }
      const input = caseInput({ dialect: engine.dialect, made, spine: 'the_spine', tables: await lay(made) })
      const sql = labelJoin({ ...input, service: { ...made.service, uses: [] }, labels })
      const expected = naiveLabels(made, windowMs, reached)
      const difference = firstDifference(expected, await engine.rows(sql))
      if (difference !== null) throw new Error(failure(seed, made, sql, difference))
      const names = made.service.uses.flatMap(use =>
        use.features.map(f => (made.fullNames ? f.fullName : f.name)),
      )
      found += expected.filter(row => names.some(name => row[name] !== null)).length
    }
    expect(found).toBeGreaterThan(CASES)
  })
})

describe('leaks', () => {
  it(`are the oracle's in ${CASES} generated cases, no more and no fewer`, async () => {
    let found = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const made = anyCase(random(seed))
      const input = caseInput({ dialect: engine.dialect, made, spine: 'the_spine', tables: await lay(made) })
      const sql = leakingRows(input, made.service.uses)
      const actual = await engine.rows(
        `select spine_row, alias, row_event_timestamp, row_created_timestamp from (${sql}) l order by spine_row, alias`,
      )
      const expected = naiveLeaks(made)
      const difference = firstDifference(expected, actual)
      if (difference !== null) throw new Error(failure(seed, made, sql, difference))
      found += expected.length
    }
    expect(found).toBeGreaterThan(CASES)
  })
})
