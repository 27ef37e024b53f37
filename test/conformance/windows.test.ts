/** The oracle of windows checks the SQL on Trino: the same generator and seeds as on DuckDB, equal answers. */
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { concurrently } from '../../lib/aws/retry.ts'
import { SPINE_ROW } from '../../lib/offline/training-set/point-in-time-join.ts'
import { PAIRS_PER_MARK } from '../../lib/offline/windows/density.ts'
import { anyWindowCase } from '../oracle/generate-windows.ts'
import { firstDifference } from '../oracle/judge.ts'
import { naiveWindows, windowJoin, windowSpine, windowTable } from '../oracle/judge-windows.ts'
import { random } from '../oracle/random.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

/** Of test/oracle, so that both engines are asked the same. */
const FIRST_SEED = 20_240_228
const CASES = 24
const AT_A_TIME = 3

let world: AwsWorld
beforeAll(() => {
  world = awsWorld()
})
afterAll(() => world.close())

/** @returns values that are neither null nor zero */
async function judge(seed: number): Promise<number> {
  const made = anyWindowCase(random(seed))
  const { dialect } = world.engine
  const tables = Object.fromEntries(
    Object.keys(made.plan.views).map(key => [key, `(${windowTable(dialect, made, key)})`]),
  )
  const sql = windowJoin(dialect, made, {
    spine: `(${windowSpine(dialect, made)})`,
    tables,
    pairsPerMark: seed % 2 === 0 ? PAIRS_PER_MARK : 0,
  })
  const rows = await world.engine.rows(sql).catch((cause: unknown) => {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : cause}\nSQL:\n${sql}`, {
      cause,
    })
  })
  const actual = rows.toSorted((a, b) => Number(a[SPINE_ROW]) - Number(b[SPINE_ROW]))
  const expected = naiveWindows(made)
  const difference = firstDifference(expected, actual)
  if (difference !== null)
    throw new Error(`seed ${seed}: ${difference}\nplan: ${JSON.stringify(made.plan.views)}\nSQL:\n${sql}`)
  return expected
    .flatMap(row => made.service.uses.flatMap(use => use.features.map(({ name }) => row[name])))
    .filter(value => value !== null && value !== 0n).length
}

it(`windows agree with the oracle on ${CASES} generated cases`, async () => {
  const seeds = Array.from({ length: CASES }, (_, i) => FIRST_SEED + i)
  const held = await concurrently(seeds, AT_A_TIME, judge)
  expect(held.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(CASES)
})
