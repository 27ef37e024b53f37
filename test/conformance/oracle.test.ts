/** The oracle checks the SQL on Trino, as test/oracle does on DuckDB: the same generator and seeds, equal answers. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { concurrently } from '../../lib/aws/retry.ts'
import { labelJoin } from '../../lib/offline/training-set/label-join.ts'
import { leakingRows } from '../../lib/offline/training-set/leaking-rows.ts'
import { SPINE_ROW } from '../../lib/offline/training-set/point-in-time-join.ts'
import { anyCase, anyInstant, type Case } from '../oracle/generate.ts'
import { caseInput, caseJoin, failure, firstDifference, historySelect, spineSelect } from '../oracle/judge.ts'
import { naiveTrainingSet, type SpineRow } from '../oracle/naive.ts'
import { naiveLabels, naiveLeaks } from '../oracle/naive-labels-and-leaks.ts'
import { random } from '../oracle/random.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

/** Of test/oracle, so that both engines are asked the same. */
const FIRST_SEED = 20_240_101
const CASES = 72
/** Number of cases whose histories and spines are Iceberg tables; the others are inline in the query. */
const STORED_CASES = 8
const WRONG_CASES = 16
/** Of labels, and of leaks. */
const BUILT_CASES = 12
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

/** Athena does not preserve order, so the query numbers the spine's rows. */
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

const byPlace = (rows: readonly SpineRow[]): readonly SpineRow[] =>
  rows.toSorted(
    (a, b) =>
      Number(a[SPINE_ROW]) - Number(b[SPINE_ROW]) || (String(a['alias']) < String(b['alias']) ? -1 : 1),
  )

async function inputOf(made: Case) {
  const { dialect } = world.engine
  const keys = Object.keys(made.histories)
  const tables = Object.fromEntries(keys.map(key => [key, `(${historySelect(dialect, made, key)})`]))
  return caseInput({ dialect, made, spine: `(${spineSelect(dialect, made)})`, tables, numbered: true })
}

describe('what is built on the join, on Trino', () => {
  it(`labels of the future are the oracle's in ${BUILT_CASES} generated cases`, async () => {
    const found = await concurrently(seeds(BUILT_CASES), AT_A_TIME, async seed => {
      const made = anyCase(random(seed))
      const reached = anyInstant(random(seed)) + 60_000_000n
      const labels = { service: made.service, windowMs: 60_000, reached }
      const sql = labelJoin({ ...(await inputOf(made)), service: { ...made.service, uses: [] }, labels })
      const rows = byPlace(await world.engine.rows(sql)).map(({ [SPINE_ROW]: _, ...row }): SpineRow => row)
      const expected = naiveLabels(made, 60_000, reached)
      const difference = firstDifference(expected, rows)
      if (difference !== null) throw new Error(failure(seed, made, sql, difference))
      return rows.length
    })
    expect(found).toHaveLength(BUILT_CASES)
  })

  it(`leaks are the oracle's in ${BUILT_CASES} generated cases`, async () => {
    const found = await concurrently(seeds(BUILT_CASES), AT_A_TIME, async seed => {
      const made = anyCase(random(seed))
      const leaks = leakingRows(await inputOf(made), made.service.uses)
      const sql = `select spine_row, alias, row_event_timestamp, row_created_timestamp from (${leaks}) l`
      const expected = naiveLeaks(made)
      const difference = firstDifference(expected, byPlace(await world.engine.rows(sql)))
      if (difference !== null) throw new Error(failure(seed, made, sql, difference))
      return expected.length
    })
    expect(found.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(BUILT_CASES)
  })
})

describe('the point-in-time join on Trino', () => {
  it(`agrees with the oracle on ${CASES - STORED_CASES} generated cases`, async () => {
    const rows = await concurrently(seeds(CASES).slice(STORED_CASES), AT_A_TIME, seed => judge(seed, inline))
    expect(rows.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(CASES)
  })

  it(`agrees with it on ${STORED_CASES} more over Iceberg tables`, async () => {
    const rows = await concurrently(seeds(STORED_CASES), AT_A_TIME, seed => judge(seed, stored))
    expect(rows).toHaveLength(STORED_CASES)
  })

  it('is distinguished from a join with a wrong TTL boundary', async () => {
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
