/**
 * One set of aggregations over one set of events, in a process of its own. The first round warms: quern and both plain
 * joins, whose answers are compared. Then quern and the better of the two by turns.
 */
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { measured, phase } from '../phase.ts'
import { tablesSql, type WindowShape } from './data.ts'
import { joinEach, joinOnce } from './plain-joins.ts'
import { type Question, questionOf, type SetName, WINDOW_COUNTS, type WindowCount } from './questions.ts'
import { compareTables } from './same-answers.ts'
import { betterJoin, SIDES, type Side, type Took } from './took.ts'

export interface WindowsInput {
  readonly shape: WindowShape
  readonly set: SetName
  readonly repeat: number
  readonly scratch: string
}

export interface WindowsResult {
  /** In the order in which they ran. */
  readonly took: readonly Took[]
  /** Values that all sides answer alike. */
  readonly compared: number
}

/** Enough memory that no query spills to disk. */
const MEMORY = '4GB'

const sqlOf = ({ quernSql, windows }: Question, side: Side): string => {
  switch (side) {
    case 'quern':
      return quernSql
    case 'joinEach':
      return joinEach(windows)
    case 'joinOnce':
      return joinOnce(windows)
  }
}

const told = (took: Took): Took => {
  const { windows, side, seconds, cpuSeconds } = took
  const what = `${windows} ${windows === 1 ? 'window' : 'windows'}, ${side}`
  process.stderr.write(`  ${what}: ${seconds.toFixed(2)} s, CPU ${cpuSeconds.toFixed(2)} s\n`)
  return took
}

interface Asked {
  readonly windows: WindowCount
  readonly question: Question
}

const tableSql = ({ question }: Asked, side: Side): string =>
  `create or replace table ${side} as ${sqlOf(question, side)}`

async function timed(engine: DuckDbEngine, asked: Asked, side: Side, round: number): Promise<Took> {
  const { cost } = await measured(() => engine.run(tableSql(asked, side)))
  const { seconds, cpuSeconds } = cost
  return told({ windows: asked.windows, side, round, seconds, cpuSeconds })
}

await phase<WindowsInput>(async ({ shape, set, repeat, scratch }): Promise<WindowsResult> => {
  const engine = await openDuckDb({ scratch, memoryLimit: MEMORY })
  for (const sql of tablesSql(shape)) await engine.run(sql)
  const questions = WINDOW_COUNTS.map(windows => ({ windows, question: questionOf(set, windows) }))
  const took: Took[] = []
  let compared = 0
  for (const asked of questions) {
    for (const side of SIDES) took.push(await timed(engine, asked, side, 0))
    const about = { windows: asked.question.windows, rows: shape.spineRows }
    for (const side of SIDES.slice(1)) compared += await compareTables(engine, ['quern', side], about)
  }
  for (let round = 1; round <= repeat; round++)
    for (const asked of questions)
      for (const side of ['quern', betterJoin(took, asked.windows)] as const)
        took.push(await timed(engine, asked, side, round))
  engine.close()
  return { took, compared }
})
