/** quern's and Feast's SQL for one training set, in turns in one Trino, on the same Iceberg tables. */
import type { Plan } from '../../lib/plan/plan.ts'
import {
  runStatement,
  type StatementProps,
  type TrinoCost,
  TrinoError,
} from '../../test/conformance/trino-client.ts'
import { told } from '../runs.ts'
import { type Shape, tablesSql } from './data.ts'
import { checksumOf, feastSql, type Question, quernSql, viewsOf } from './queries.ts'

/** Beyond which a query is broken off. */
export const LIMIT_CPU_SECONDS = 120

export interface TrinoPlace {
  /** Of its REST interface. */
  readonly url: string
  readonly bucket: string
}

interface Ended {
  readonly cost: TrinoCost
  /** Null: it was broken off. */
  readonly answer: string | null
}

async function run({ url }: TrinoPlace, sql: string, session = ''): Promise<Ended> {
  const signal = new AbortController().signal
  const props: StatementProps = { url, catalog: 'iceberg', schema: 'quern', session, signal }
  try {
    const { rows, cost } = await runStatement(sql, props)
    return { cost, answer: JSON.stringify(rows) }
  } catch (error) {
    if (error instanceof TrinoError && error.code === 'EXCEEDED_CPU_LIMIT')
      return { cost: error.cost, answer: null }
    throw error
  }
}

const LIMITED = `query_max_cpu_time=${LIMIT_CPU_SECONDS}s`

export async function fill(place: TrinoPlace, plan: Plan, shape: Shape): Promise<void> {
  for (const sql of tablesSql(viewsOf(plan, shape.views), shape, place.bucket)) await run(place, sql)
}

export interface TrinoRuns {
  readonly ours: readonly TrinoCost[]
  /** One for each of ours; fewer if it was broken off, for then it is not asked again. */
  readonly theirs: readonly TrinoCost[]
  readonly brokenOff: boolean
  readonly answer: string
}

export interface PairsInput {
  readonly place: TrinoPlace
  readonly plan: Plan
  /** The interpreter of Feast's environment; null: no peer. */
  readonly python: string | null
  readonly repeat: number
}

/** A first round warms the server and is thrown away. */
export async function pairs(
  question: Question,
  { place, plan, python, repeat }: PairsInput,
): Promise<TrinoRuns> {
  const mine = checksumOf(quernSql(plan, question), question)
  const peers = python === null ? null : checksumOf(await feastSql(python, question), question)
  const ours: TrinoCost[] = []
  const theirs: TrinoCost[] = []
  const answers = new Set<string>()
  let brokenOff = false
  for (let round = 0; round <= repeat; round++) {
    const { cost, answer } = await run(place, mine)
    ours.push(told('quern', cost))
    answers.add(String(answer))
    if (peers === null || brokenOff) continue
    const peer = await run(place, peers, LIMITED)
    theirs.push(told('Feast', peer.cost))
    brokenOff = peer.answer === null
    if (peer.answer !== null) answers.add(peer.answer)
  }
  if (answers.size > 1) throw new Error(`${question.name}: answers differ: ${[...answers].join(' and ')}`)
  const warm = (costs: readonly TrinoCost[]) => (costs.length > 1 ? costs.slice(1) : costs)
  return { ours: warm(ours), theirs: warm(theirs), brokenOff, answer: String([...answers][0]) }
}
