/** Expressions mean on Trino what they mean in JavaScript: the cases that test/oracle puts to DuckDB. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { anyTrees, USES, useCase } from '../oracle/generate-expressions.ts'
import { differences, engineAnswers, failure, functionAnswers } from '../oracle/judge-expressions.ts'
import { random } from '../oracle/random.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

/** Of test/oracle, so that both engines are asked the same. */
const FIRST_SEED = 20_240_101
/** Of ten trees each. */
const CASES = 40

let world: AwsWorld
beforeAll(() => {
  world = awsWorld()
})
afterAll(() => world.close())

describe('each operator over all edges of its types', () => {
  it.each(USES.map(use => ({ ...use, name: `${use.op}(${use.types.join(', ')})` })))('$name', async use => {
    const made = useCase(use)
    const found = differences(made, functionAnswers(made), await engineAnswers(world.engine, made))
    expect(failure(found)).toEqual([])
  })
})

describe('trees of operators', () => {
  it.each(Array.from({ length: CASES }, (_, i) => FIRST_SEED + i))('seed %i', async seed => {
    const made = anyTrees(random(seed))
    const found = differences(made, functionAnswers(made), await engineAnswers(world.engine, made))
    expect(failure(found)).toEqual([])
  })
})
