/** Every operator gives the same in DuckDB, in JavaScript and in a naive judge; so do trees of them, in the first two. */

import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { OPERATORS } from '../../lib/definition/expression-data.ts'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/duckdb-engine.ts'
import { anyTrees, USES, useCase } from './generate-expressions.ts'
import { differences, engineAnswers, failure, functionAnswers } from './judge-expressions.ts'
import { naiveResult } from './naive-expressions.ts'
import { random } from './random.ts'

const FIRST_SEED = 20_240_101
/** Of ten trees each. */
const CASES = 40

let engine: DuckDbEngine
beforeAll(async () => {
  engine = await openDuckDb({ scratch: tmpdir() })
})
afterAll(() => engine.close())

describe('each operator over all edges of its types', () => {
  it('and none is left out', () => {
    expect(new Set(USES.map(use => use.op))).toEqual(new Set(OPERATORS))
  })

  it.each(USES.map(use => ({ ...use, name: `${use.op}(${use.types.join(', ')})` })))('$name', async use => {
    const made = useCase(use)
    const naive = made.rows.map(row => [naiveResult(use.op, row, use.result === 'float64')])
    expect(failure(differences(made, naive, functionAnswers(made)))).toEqual([])
    expect(failure(differences(made, functionAnswers(made), await engineAnswers(engine, made)))).toEqual([])
  })
})

describe('trees of operators', () => {
  it.each(Array.from({ length: CASES }, (_, i) => FIRST_SEED + i))('seed %i', async seed => {
    const made = anyTrees(random(seed))
    const found = differences(made, functionAnswers(made), await engineAnswers(engine, made))
    expect(failure(found)).toEqual([])
  })

  it('give more than nulls', () => {
    const answers = functionAnswers(anyTrees(random(FIRST_SEED))).flat()
    expect(answers.filter(answer => answer !== null).length).toBeGreaterThan(answers.length / 4)
  })
})
