/** The oracle checks the states of views before the newest arrivals, on DuckDB, with generated stores and spines. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { anyStatesCases, judgeStates } from './judge-states.ts'
import { random } from './random.ts'

const CASES = 40
const FIRST_SEED = 20_240_601

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
  ['plain', false],
  ['aggregate', true],
])(
  `earlier states of %s views agree with the oracle on ${CASES} generated cases`,
  async (_, isAggregated) => {
    let earlier = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++)
      for (const made of anyStatesCases(random(seed), isAggregated))
        try {
          earlier += (await judgeStates(made, engine.dialect, sql => engine.rows(sql))).earlier
        } catch (error) {
          throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
        }
    expect(earlier).toBeGreaterThan(3 * CASES)
  },
)
