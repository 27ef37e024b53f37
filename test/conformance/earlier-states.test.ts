/** The oracle checks earlier states of views on Trino: the same seeds as on DuckDB, equal answers. */
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { concurrently } from '../../lib/aws/retry.ts'
import { anyStatesCases, judgeStates } from '../oracle/judge-states.ts'
import { random } from '../oracle/random.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

/** Of test/oracle, so that both engines are asked the same. */
const FIRST_SEED = 20_240_601
const CASES = 4
const AT_A_TIME = 2

let world: AwsWorld
beforeAll(() => {
  world = awsWorld()
})
afterAll(() => world.close())

it.each([
  ['plain', false],
  ['aggregate', true],
])(
  `earlier states of %s views agree with the oracle on ${CASES} generated cases`,
  async (_, isAggregated) => {
    const seeds = Array.from({ length: CASES }, (_, i) => FIRST_SEED + i)
    const { engine } = world
    const judged = await concurrently(seeds, AT_A_TIME, async seed => {
      let earlier = 0
      for (const made of anyStatesCases(random(seed), isAggregated))
        earlier += (await judgeStates(made, engine.dialect, sql => engine.rows(sql))).earlier
      return earlier
    })
    expect(judged.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(CASES)
  },
  600_000,
)
