/** Expressions give the same values on Trino as in JavaScript: the cases that test/oracle runs on DuckDB. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { FEW } from '../oracle/expression-values.ts'
import {
  anyTrees,
  columnCases,
  comparedCase,
  literalCases,
  NESTING,
  nestedCase,
  USES,
  type Use,
  useCase,
} from '../oracle/generate-expressions.ts'
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

const named = (uses: readonly Use[]) =>
  uses.map(use => ({ ...use, name: `${use.op}(${use.types.join(', ')})` }))

describe('single values', () => {
  it.each(columnCases)('a column of $name', async made => {
    const found = differences(made, functionAnswers(made), await engineAnswers(world.engine, made))
    expect(failure(found)).toEqual([])
  })

  it.each(literalCases)('literals of $name', async made => {
    const found = differences(made, functionAnswers(made), await engineAnswers(world.engine, made))
    expect(failure(found)).toEqual([])
  })
})

describe('each operator over all edge cases of its types', () => {
  it.each(named(USES))('$name', async use => {
    const made = useCase(use)
    const found = differences(made, functionAnswers(made), await engineAnswers(world.engine, made))
    expect(failure(found)).toEqual([])
  })
})

describe('compared with literals', () => {
  it.each(columnCases)('a column of $name', async column => {
    const made = comparedCase(column, FEW)
    const found = differences(made, functionAnswers(made), await engineAnswers(world.engine, made))
    expect(failure(found)).toEqual([])
  })

  it.each(named(USES))('$name', async use => {
    const made = comparedCase(useCase(use, FEW))
    const found = differences(made, functionAnswers(made), await engineAnswers(world.engine, made))
    expect(failure(found)).toEqual([])
  })
})

describe('each operator nested in itself to the maximum depth', () => {
  it.each(named(NESTING))('$name', async use => {
    const made = nestedCase(use)
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
