/** Resumed work: which of its queries run again, on a client that treats idempotency tokens as Athena does. */
import {
  AthenaClient,
  GetQueryExecutionCommand,
  type GetQueryExecutionCommandInput,
  StartQueryExecutionCommand,
  type StartQueryExecutionCommandInput,
} from '@aws-sdk/client-athena'
import { S3Client } from '@aws-sdk/client-s3'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { type AthenaEngine, athenaEngine } from '../../../lib/aws/athena/athena-engine.ts'
import { resumableInvocation } from '../../../lib/aws/athena/resumable-invocation.ts'

interface Query {
  readonly sql: string
  state: 'RUNNING' | 'SUCCEEDED' | 'FAILED'
  ended?: Date
}

const athena = new AthenaClient({ region: 'local' })
const faulty = mockClient(athena)
const byToken = new Map<string, string>()
const queries: Query[] = []
const end = (query: Query | undefined, state: Query['state'], ended = new Date()) =>
  Object.assign(query ?? {}, { state, ended })

beforeEach(() => {
  byToken.clear()
  queries.length = 0
  faulty.on(StartQueryExecutionCommand).callsFake((input: StartQueryExecutionCommandInput) => {
    const token = String(input.ClientRequestToken)
    if (!byToken.has(token)) {
      byToken.set(token, String(queries.length))
      queries.push({ sql: String(input.QueryString), state: 'RUNNING' })
    }
    return { QueryExecutionId: byToken.get(token) }
  })
  faulty.on(GetQueryExecutionCommand).callsFake((input: GetQueryExecutionCommandInput) => {
    const { state, ended } = queries[Number(input.QueryExecutionId)] as Query
    return { QueryExecution: { Status: { State: state, CompletionDateTime: ended } } }
  })
})

/** An invocation with a deadline of some milliseconds. */
const invocation = (work: string, ms: number): AthenaEngine =>
  athenaEngine({
    athena,
    s3: new S3Client({ region: 'local' }),
    workGroup: 'quern',
    database: 'features',
    scratchLocation: 's3://bucket/scratch/',
    replay: resumableInvocation(work),
    until: Date.now() + ms,
  })

const texts = () => queries.map(({ sql }) => sql)

describe('a resumed invocation', () => {
  it('ends with QueryRunning while a query runs, and finds that query when resumed', async () => {
    await expect(invocation('a', 60).run('select 1')).rejects.toMatchObject({
      name: 'QueryRunning',
      queryId: '0',
    })
    end(queries[0], 'SUCCEEDED')
    expect(await invocation('a', 60).run('select 1')).toMatchObject({ id: '0' })
    expect(texts()).toEqual(['select 1'])
  })

  it('runs the same text twice when the work itself does so', async () => {
    const run = async (engine: AthenaEngine) => {
      for (const sql of ['select 1', 'select 2', 'select 1']) await engine.run(sql)
    }
    for (let begun = 0; begun < 3; begun++) {
      await expect(run(invocation('a', 60))).rejects.toMatchObject({ name: 'QueryRunning' })
      end(queries.at(-1), 'SUCCEEDED')
    }
    await run(invocation('a', 60))
    expect(texts()).toEqual(['select 1', 'select 2', 'select 1'])
  })

  it('does not reuse the queries of other work', async () => {
    const engines = ['a', 'b'].map(work => invocation(work, 60))
    await Promise.allSettled(engines.map(engine => engine.run('select 1')))
    expect(texts()).toEqual(['select 1', 'select 1'])
  })

  it('runs failed queries of the earlier invocation again and reports new failures', async () => {
    await expect(invocation('a', 60).run('select 1')).rejects.toMatchObject({ name: 'QueryRunning' })
    end(queries[0], 'FAILED', new Date(Date.now() - 1_000))
    const again = invocation('a', 2_000).run('select 1')
    while (queries.length < 2) await new Promise(resolve => setTimeout(resolve, 5))
    end(queries[1], 'FAILED', new Date(Date.now() + 1_000))
    await expect(again).rejects.toMatchObject({ name: 'AthenaQueryError', queryId: '1' })
    expect(texts()).toEqual(['select 1', 'select 1'])
  })

  it('gives files the same names again', () => {
    const names = (work: string) => {
      const { name } = resumableInvocation(work)
      return [name('rows'), name('rows'), name('spine')]
    }
    expect(names('a')).toEqual(names('a'))
    expect(new Set([...names('a'), ...names('b')]).size).toBe(6)
  })
})
