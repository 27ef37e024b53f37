/** Every operator gives the same in DuckDB, in JavaScript and in a naive judge; so do trees of them, in the first two. */

import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { OPERATORS } from '../../lib/definition/expression-data.ts'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { EDGES, FEW, isLiteral } from './expression-values.ts'
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
} from './generate-expressions.ts'
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

const named = (uses: readonly Use[]) =>
  uses.map(use => ({ ...use, name: `${use.op}(${use.types.join(', ')})` }))

describe('values by themselves', () => {
  it.each(columnCases)('a column of $name', async made => {
    const found = differences(made, functionAnswers(made), await engineAnswers(engine, made))
    expect(failure(found)).toEqual([])
  })

  it.each(literalCases)('literals of $name', async made => {
    expect(functionAnswers(made)).toEqual([EDGES[made.type].filter(isLiteral)])
    const found = differences(made, functionAnswers(made), await engineAnswers(engine, made))
    expect(failure(found)).toEqual([])
  })
})

describe('each operator over all edges of its types', () => {
  it('and none is left out', () => {
    expect(new Set(USES.map(use => use.op))).toEqual(new Set(OPERATORS))
  })

  it.each(named(USES))('$name', async use => {
    const made = useCase(use)
    const naive = made.rows.map(row => [naiveResult(use.op, row, use.result === 'float64')])
    expect(failure(differences(made, naive, functionAnswers(made)))).toEqual([])
    expect(failure(differences(made, functionAnswers(made), await engineAnswers(engine, made)))).toEqual([])
  })
})

describe('compared with literals', () => {
  it.each(columnCases)('a column of $name', async column => {
    const made = comparedCase(column, EDGES)
    const found = differences(made, functionAnswers(made), await engineAnswers(engine, made))
    expect(failure(found)).toEqual([])
  })

  it.each(named(USES))('$name', async use => {
    const made = comparedCase(useCase(use, FEW))
    const found = differences(made, functionAnswers(made), await engineAnswers(engine, made))
    expect(failure(found)).toEqual([])
  })
})

describe('each operator within itself, as deep as may be', () => {
  it.each(named(NESTING))('$name', async use => {
    const made = nestedCase(use)
    const found = differences(made, functionAnswers(made), await engineAnswers(engine, made))
    expect(failure(found)).toEqual([])
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
