/** The oracle judges the SQL on Trino, as test/oracle does on DuckDB: the same generator, the same seeds, equal answers. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { concurrently } from '../../lib/aws/retry.ts'
import { SPINE_ROW } from '../../lib/offline/point-in-time-join.ts'
import { anyCase, type Case } from '../oracle/generate.ts'
import { caseJoin, failure, firstDifference, historySelect, spineSelect } from '../oracle/judge.ts'
import { naiveTrainingSet, type SpineRow } from '../oracle/naive.ts'
import { random } from '../oracle/random.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

/** Of test/oracle, so that both engines are asked the same. */
const FIRST_SEED = 20_240_101
const CASES = 72
/** Of these, cases whose histories and spines lie in Iceberg tables; the others' stand in the query. */
const STORED_CASES = 8
const WRONG_CASES = 16
const AT_A_TIME = 3

let world: AwsWorld
beforeAll(() => {
  world = awsWorld()
})
afterAll(() => world.close())

type LayDown = (select: string, name: string) => Promise<string>

const inline: LayDown = async select => `(${select})`

const stored: LayDown = async (select, name) => {
  const path = world.location(name)
  await world.engine.unload(select, path)
  return world.engine.files([path], 'parquet')
}

/** Athena keeps no order, so the spine's rows are numbered in the answer. */
async function ask(made: Case, layDown: LayDown) {
  const { dialect } = world.engine
  const tables: Record<string, string> = {}
  for (const key of Object.keys(made.histories))
    tables[key] = await layDown(historySelect(dialect, made, key), key)
  const spine = await layDown(spineSelect(dialect, made), 'spine')
  const sql = caseJoin({ dialect, made, spine, tables, numbered: true })
  const rows = await world.engine.rows(sql)
  const actual = rows
    .toSorted((a, b) => Number(a[SPINE_ROW]) - Number(b[SPINE_ROW]))
    .map(({ [SPINE_ROW]: _, ...row }): SpineRow => row)
  return { sql, actual }
}

const seeds = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => FIRST_SEED + i)

async function judge(seed: number, layDown: LayDown): Promise<number> {
  const made = anyCase(random(seed))
  const { sql, actual } = await ask(made, layDown)
  const expected = naiveTrainingSet(made.service, made.plan.views, made.histories, made.spine, made)
  const difference = firstDifference(expected, actual)
  if (difference !== null) throw new Error(failure(seed, made, sql, difference))
  return expected.length
}

describe('the point-in-time join on Trino', () => {
  it(`agrees with the oracle on ${CASES - STORED_CASES} generated cases`, async () => {
    const rows = await concurrently(seeds(CASES).slice(STORED_CASES), AT_A_TIME, seed => judge(seed, inline))
    expect(rows.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(CASES)
  })

  it(`agrees with it on ${STORED_CASES} more over Iceberg tables`, async () => {
    const rows = await concurrently(seeds(STORED_CASES), AT_A_TIME, seed => judge(seed, stored))
    expect(rows).toHaveLength(STORED_CASES)
  })

  it('is told apart from a join that is wrong at the edge of the TTL', async () => {
    const caught = await concurrently(seeds(WRONG_CASES), AT_A_TIME, async seed => {
      const made = anyCase(random(seed))
      const wrong = Object.entries(made.plan.views).map(
        ([key, view]) => [key, { ...view, ttlMs: view.ttlMs === null ? null : view.ttlMs + 1 }] as const,
      )
      const { actual } = await ask(
        { ...made, plan: { ...made.plan, views: Object.fromEntries(wrong) } },
        inline,
      )
      const expected = naiveTrainingSet(made.service, made.plan.views, made.histories, made.spine, made)
      return firstDifference(expected, actual) !== null
    })
    expect(caught).toContain(true)
  })
})
