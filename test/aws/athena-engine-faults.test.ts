/**
 * Faults that no engine produces on request: a mocked client throttles, cancels and hits limits. test/conformance
 * tests the semantics.
 */
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { S3Client } from '@aws-sdk/client-s3'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { athenaEngine } from '../../lib/aws/athena/athena-engine.ts'
import { AthenaQueryError } from '../../lib/aws/athena/athena-query-error.ts'
import { resumableInvocation } from '../../lib/aws/athena/resumable-invocation.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'

const athena = new AthenaClient({ region: 'local' })
const faulty = mockClient(athena)
const ATTEMPTS = 4
const PROPS = {
  athena,
  s3: new S3Client({ region: 'local' }),
  workGroup: 'quern',
  database: 'features',
  scratchLocation: 's3://bucket/scratch/',
  patienceMs: 200,
  retry: { attempts: ATTEMPTS, baseMs: 1, capMs: 2 },
  later: { baseMs: 1, capMs: 2 },
}
const engine = athenaEngine(PROPS)

/** The state of the workflow document that starts a view's queries. */
const [IN_RUN] = [
  ...JSON.stringify(stateMachine(compile([]))).matchAll(/"Ingest":(\{.*?\]),"ResultSelector"/g),
].map(([, text]) => JSON.parse(`${text}}`) as object)

const named = (name: string, message = 'told so'): Error => Object.assign(new Error(message), { name })
const state = (State: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED', more: object = {}) => ({
  QueryExecution: { Status: { State, ...more } },
})

async function failureOf(work: Promise<unknown>): Promise<AthenaQueryError> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof AthenaQueryError) return error
  throw error
}

beforeEach(() => {
  faulty.reset()
  faulty.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: 'q-1' })
})

describe('the start of a query', () => {
  it('names workgroup, catalogue and database', async () => {
    faulty.on(GetQueryExecutionCommand).resolves(state('SUCCEEDED'))
    await engine.run('select 1')
    expect(faulty.commandCalls(StartQueryExecutionCommand)[0]?.args[0].input).toMatchObject({
      QueryString: 'select 1',
      WorkGroup: 'quern',
      QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: 'features' },
    })
  })

  it('is retried with the same token when it is throttled, so that the query runs once', async () => {
    faulty
      .on(StartQueryExecutionCommand)
      .rejectsOnce(named('TooManyRequestsException'))
      .rejectsOnce(named('ThrottlingException'))
      .resolves({ QueryExecutionId: 'q-1' })
    faulty.on(GetQueryExecutionCommand).resolves(state('SUCCEEDED'))
    expect(await engine.run('select 1')).toMatchObject({ id: 'q-1' })
    const calls = faulty.commandCalls(StartQueryExecutionCommand)
    expect(calls).toHaveLength(3)
    expect(new Set(calls.map(call => call.args[0].input.ClientRequestToken)).size).toBe(1)
  })

  it.each([
    ['is throttled to the end', 'TooManyRequestsException', 'throttled', true, 6 * ATTEMPTS],
    ['meets a broken connection to the end', 'ECONNRESET', 'unreachable', true, ATTEMPTS],
    ['is not allowed', 'AccessDeniedException', 'failed', false, 1],
    ['is invalid', 'InvalidRequestException', 'failed', false, 1],
  ])('that %s is reported', async (_what, name, code, retryable, calls) => {
    faulty.on(StartQueryExecutionCommand).rejects(named(name))
    const error = await failureOf(engine.run('select 1'))
    expect(error).toMatchObject({ code, retryable, queryId: null, reason: `${name}: told so` })
    expect(faulty.commandCalls(StartQueryExecutionCommand)).toHaveLength(calls)
  })
})

describe('a query', () => {
  it('is polled until it ends', async () => {
    faulty
      .on(GetQueryExecutionCommand)
      .resolvesOnce(state('QUEUED'))
      .rejectsOnce(named('ThrottlingException'))
      .resolvesOnce(state('RUNNING'))
      .resolves(state('SUCCEEDED'))
    await engine.run('select 1')
    expect(faulty.commandCalls(GetQueryExecutionCommand)).toHaveLength(4)
  })

  it.each([
    ['FAILED', 'ICEBERG_COMMIT_ERROR: Failed to commit the transaction during write', 'conflict', true],
    ['FAILED', 'Query exhausted resources at this scale factor', 'overloaded', true],
    ['FAILED', 'INSUFFICIENT_RESOURCES: Insufficient active worker nodes', 'overloaded', true],
    ['FAILED', 'Query timed out while it was in the queue', 'overloaded', true],
    ['FAILED', 'Rate exceeded (Service: AWSGlue; Error Code: ThrottlingException)', 'throttled', true],
    [
      'FAILED',
      'HIVE_CURSOR_ERROR: Please reduce your request rate. (Error Code: SlowDown)',
      'throttled',
      true,
    ],
    [
      'FAILED',
      'Partial scan timed out: you have exceeded the rate at which you may call KMS',
      'throttled',
      true,
    ],
    ['FAILED', 'EXCEEDED_LOCAL_MEMORY_LIMIT: Query exceeded per-node memory limit', 'limit', false],
    ['CANCELLED', 'Bytes scanned limit was exceeded', 'limit', false],
    ['CANCELLED', 'Query timeout', 'limit', false],
    ['CANCELLED', 'Query cancelled by user', 'cancelled', false],
    ['FAILED', 'GENERIC_INTERNAL_ERROR: null', 'internal', true],
    ['FAILED', 'COLUMN_NOT_FOUND: line 1:8: Column nope cannot be resolved', 'failed', false],
    ['FAILED', "COLUMN_NOT_FOUND: line 1:8: Column 'SlowDown' cannot be resolved", 'failed', false],
  ] as const)('%s with "%s" is %s', async (end, reason, code, retryable) => {
    faulty.on(GetQueryExecutionCommand).resolves(state(end, { StateChangeReason: reason }))
    const error = await failureOf(engine.run('select 1'))
    expect(error).toMatchObject({ code, retryable, queryId: 'q-1', reason })
    expect(error.message).toContain(`Athena query q-1 (${code}): ${reason}; `)
  })

  it.each([
    ['Query exhausted resources at this scale factor', 2],
    ['Rate exceeded (Service: AWSGlue; Error Code: ThrottlingException)', 6],
    ['EXCEEDED_LOCAL_MEMORY_LIMIT: Query exceeded per-node memory limit', 1],
  ])('that fails with "%s" is run up to %i times, each time with its own token', async (reason, times) => {
    faulty.on(GetQueryExecutionCommand).resolves(state('FAILED', { StateChangeReason: reason }))
    await failureOf(engine.run('select 1'))
    const calls = faulty.commandCalls(StartQueryExecutionCommand)
    expect(new Set(calls.map(call => call.args[0].input.ClientRequestToken)).size).toBe(times)
    faulty.on(GetQueryExecutionCommand).resolvesOnce(state('FAILED', { StateChangeReason: reason }))
    faulty.on(GetQueryExecutionCommand).resolves(state('SUCCEEDED'))
    if (times > 1) expect(await engine.run('select 1')).toMatchObject({ id: 'q-1' })
  })

  it('is found by its token after long throttling and is not run again', async () => {
    faulty
      .on(GetQueryExecutionCommand)
      .rejectsOnce(named('ThrottlingException'))
      .rejectsOnce(named('ThrottlingException'))
      .rejectsOnce(named('ThrottlingException'))
      .rejectsOnce(named('ThrottlingException'))
      .resolves(state('SUCCEEDED'))
    expect(await engine.run('select 1')).toMatchObject({ id: 'q-1' })
    const calls = faulty.commandCalls(StartQueryExecutionCommand)
    expect(new Set(calls.map(call => call.args[0].input.ClientRequestToken)).size).toBe(1)
  })

  it.each([
    ['QueryThrottled', named('TooManyRequestsException'), null],
    ['QueryOverloaded', null, 'Query exhausted resources at this scale factor'],
  ])('of a function ends in %s, which Step Functions retries', async (name, refusal, reason) => {
    if (refusal !== null) faulty.on(StartQueryExecutionCommand).rejects(refusal)
    if (reason !== null)
      faulty.on(GetQueryExecutionCommand).resolves(state('FAILED', { StateChangeReason: reason }))
    const work = resumableInvocation('run IngestView a@1')
    const inRun = athenaEngine({ ...PROPS, replay: work, until: Date.now() + 60_000 })
    await expect(inRun.run('select 1')).rejects.toMatchObject({ name })
    expect(work.suspended()).toMatchObject({ name })
    const retries: { ErrorEquals: string[]; MaxAttempts: number }[] = Object(IN_RUN).Retry
    const bound = retries.find(({ ErrorEquals }) => ErrorEquals.includes(name))?.MaxAttempts
    expect(bound).toBeGreaterThan(0)
    expect(bound).toBeLessThan(20)
  })

  it('is retryable when Athena reports a service fault', async () => {
    const AthenaError = { ErrorCategory: 1, Retryable: true }
    faulty
      .on(GetQueryExecutionCommand)
      .resolves(state('FAILED', { StateChangeReason: 'something broke', AthenaError }))
    expect(await failureOf(engine.run('select 1'))).toMatchObject({ code: 'internal', retryable: true })
  })

  it('is stopped when it does not end in time', async () => {
    faulty.on(GetQueryExecutionCommand).resolves(state('RUNNING'))
    faulty.on(StopQueryExecutionCommand).rejects(named('InternalServerError'))
    expect(await failureOf(engine.run('select 1'))).toMatchObject({ code: 'limit', queryId: 'q-1' })
    expect(faulty.commandCalls(StopQueryExecutionCommand)[0]?.args[0].input).toEqual({
      QueryExecutionId: 'q-1',
    })
  })
})

describe('the results of a query', () => {
  const columns = [
    { Name: 'a', Type: 'bigint' },
    { Name: 'b', Type: 'decimal', Precision: 5, Scale: 2 },
  ]
  const page = (rows: readonly (readonly string[])[], NextToken?: string) => ({
    ResultSet: {
      ResultSetMetadata: { ColumnInfo: columns },
      Rows: rows.map(row => ({ Data: row.map(VarCharValue => ({ VarCharValue })) })),
    },
    ...(NextToken === undefined ? {} : { NextToken }),
  })

  it('are read from all pages, even throttled ones, without the row of column names', async () => {
    faulty.on(GetQueryExecutionCommand).resolves(state('SUCCEEDED'))
    faulty
      .on(GetQueryResultsCommand)
      .resolvesOnce(page([['a', 'b']]))
      .resolvesOnce(
        page(
          [
            ['a', 'b'],
            ['1', '1.25'],
          ],
          'more',
        ),
      )
      .rejectsOnce(named('ThrottlingException'))
      .resolvesOnce(page([['9007199254740993', '-0.50']]))
    expect(await engine.rows('select a, b from t')).toEqual([
      { a: 1n, b: 1.25 },
      { a: 9007199254740993n, b: -0.5 },
    ])
  })

  it('name the query when they cannot be fetched', async () => {
    faulty.on(GetQueryExecutionCommand).resolves(state('SUCCEEDED'))
    faulty.on(GetQueryResultsCommand).rejects(named('AccessDeniedException'))
    expect(await failureOf(engine.rows('select 1'))).toMatchObject({ code: 'failed', queryId: 'q-1' })
  })
})
