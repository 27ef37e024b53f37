/** The oracle judges what is built on the point-in-time join: labels of the future, and leaks. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/duckdb-engine.ts'
import { labelJoin } from '../../lib/offline/label-join.ts'
import { leakingRows } from '../../lib/offline/leaking-rows.ts'
import { anyCase, anyInstant, type Case } from './generate.ts'
import { caseInput, failure, firstDifference, historySelect, spineSelect } from './judge.ts'
import { type SpineRow, visibleRow } from './naive.ts'
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

/** Lays a case down in tables. */
async function lay(made: Case): Promise<Record<string, string>> {
  const tables: Record<string, string> = {}
  for (const key of Object.keys(made.histories)) {
    tables[key] = `"${key}"`
    await engine.run(`create or replace temp table "${key}" as ${historySelect(engine.dialect, made, key)}`)
  }
  await engine.run(`create or replace temp table the_spine as ${spineSelect(engine.dialect, made)}`)
  return tables
}

const keysOf = (use: Case['service']['uses'][number], row: SpineRow) =>
  Object.fromEntries(use.joinKeys.map(key => [key.name, row[key.from] ?? null]))

describe('labels', () => {
  /** The newest row after t and by the window's end, once the window has closed. */
  function naiveLabels(made: Case, windowMs: number, reached: bigint | null): readonly SpineRow[] {
    const width = BigInt(windowMs) * 1_000n
    return made.spine.map(row => {
      const t = row['event_timestamp'] as bigint | null
      const closed = t !== null && reached !== null && t + width <= reached
      const labels = made.service.uses.flatMap(use => {
        const history = (made.histories[use.view] ?? []).filter(
          ({ event }) => t !== null && event !== null && event > t,
        )
        const looking = { asOf: made.asOf, asKnown: false }
        const found = closed ? visibleRow(history, null, keysOf(use, row), t + width, looking) : null
        return use.features.map(
          f => [made.fullNames ? f.fullName : f.name, found?.features[f.feature] ?? null] as const,
        )
      })
      return { ...row, ...Object.fromEntries(labels) }
    })
  }

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
  const naiveLeaks = (made: Case): readonly SpineRow[] =>
    made.spine.flatMap((row, i) => {
      const t = row['event_timestamp'] as bigint | null
      return made.service.uses.flatMap(use => {
        const ttl = made.plan.views[use.view]?.ttlMs ?? null
        const looking = { asOf: made.asOf, asKnown: false }
        const seen = visibleRow(made.histories[use.view] ?? [], ttl, keysOf(use, row), t, looking)
        return seen !== null && seen.created !== null && t !== null && seen.created > t
          ? [
              {
                spine_row: BigInt(i),
                alias: use.alias,
                row_event_timestamp: seen.event,
                row_created_timestamp: seen.created,
              },
            ]
          : []
      })
    })

  it(`are the oracle's in ${CASES} generated cases, no more and no fewer`, async () => {
    let found = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const made = anyCase(random(seed))
      const input = caseInput({ dialect: engine.dialect, made, spine: 'the_spine', tables: await lay(made) })
      const sql = leakingRows(input, made.service.uses)
      const actual = await engine.rows(
        `select spine_row, alias, row_event_timestamp, row_created_timestamp from (${sql}) l order by spine_row, alias`,
      )
      const expected = [...naiveLeaks(made)].sort((a, b) =>
        a['spine_row'] === b['spine_row']
          ? String(a['alias']) < String(b['alias'])
            ? -1
            : 1
          : Number(a['spine_row']) - Number(b['spine_row']),
      )
      const difference = firstDifference(expected, actual)
      if (difference !== null) throw new Error(failure(seed, made, sql, difference))
      found += expected.length
    }
    expect(found).toBeGreaterThan(CASES)
  })
})
