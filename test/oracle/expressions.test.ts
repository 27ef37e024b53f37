/**
 * Every operator returns the same in DuckDB, in JavaScript and in a naive implementation. Generated trees of
 * operators return the same in DuckDB and JavaScript.
 */

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
/** The number of cases, of ten trees each. */
const CASES = 40

let engine: DuckDbEngine
beforeAll(async () => {
  engine = await openDuckDb({ scratch: tmpdir() })
})
afterAll(() => engine.close())

const named = (uses: readonly Use[]) =>
  uses.map(use => ({ ...use, name: `${use.op}(${use.types.join(', ')})` }))

describe('an expression without operators', () => {
  it.each(columnCases)('equals in all engines: a column of $name', async made => {
    const found = differences(made, functionAnswers(made), await engineAnswers(engine, made))
    expect(failure(found)).toEqual([])
  })

  it.each(literalCases)('equals in all engines: literals of $name', async made => {
    expect(functionAnswers(made)).toEqual([EDGES[made.type].filter(isLiteral)])
    const found = differences(made, functionAnswers(made), await engineAnswers(engine, made))
    expect(failure(found)).toEqual([])
  })
})

describe('an operator over all limits of its types', () => {
  it('is tested for every operator', () => {
    expect(new Set(USES.map(use => use.op))).toEqual(new Set(OPERATORS))
  })

  it.each(named(USES))('$name', async use => {
    const made = useCase(use)
    const naive = made.rows.map(row => [naiveResult(use.op, row, use.result === 'float64')])
    expect(failure(differences(made, naive, functionAnswers(made)))).toEqual([])
    expect(failure(differences(made, functionAnswers(made), await engineAnswers(engine, made)))).toEqual([])
  })
})

describe('a comparison with literals', () => {
  it.each(columnCases)('equals in all engines: a column of $name', async column => {
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

describe('an operator nested to the greatest depth', () => {
  it.each(named(NESTING))('$name', async use => {
    const made = nestedCase(use)
    const found = differences(made, functionAnswers(made), await engineAnswers(engine, made))
    expect(failure(found)).toEqual([])
  })
})

describe('a tree of operators', () => {
  it.each(Array.from({ length: CASES }, (_, i) => FIRST_SEED + i))(
    'equals in all engines, seed %i',
    async seed => {
      const made = anyTrees(random(seed))
      const found = differences(made, functionAnswers(made), await engineAnswers(engine, made))
      expect(failure(found)).toEqual([])
    },
  )

  it('returns values that are not null', () => {
    const answers = functionAnswers(anyTrees(random(FIRST_SEED))).flat()
    expect(answers.filter(answer => answer !== null).length).toBeGreaterThan(answers.length / 4)
  })
})
