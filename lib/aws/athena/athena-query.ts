/** Runs one query on Athena: starts it once and polls its status with growing pauses. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  type QueryExecution,
  type QueryExecutionStatus,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { isTransient, type Retry, retried } from '../retry.ts'
import { untilItPasses } from './athena-patience.ts'
import { AthenaQueryError, codeOf } from './athena-query-error.ts'
import { QueryRunning, type ResumableInvocation } from './resumable-invocation.ts'

export interface AthenaPlace {
  readonly client: AthenaClient
  readonly workGroup: string
  readonly catalog: string
  readonly database: string
  /** `s3://…` for results; null: the workgroup's output location. */
  readonly outputLocation: string | null
  readonly retry: Retry
  /** Pauses between attempts of a query that Athena throttled or had no capacity for. */
  readonly later: Retry
  /** Maximum run time of a query, in milliseconds; a longer query is stopped. */
  readonly patienceMs: number
  readonly replay: ResumableInvocation
  /** Deadline of the caller, in milliseconds since 1970. The query continues after it. Null: no deadline. */
  readonly until: number | null
}

/** Athena's limit on a query's text. */
export const MAX_QUERY_BYTES = 262_144
const ENDED = new Set<string | undefined>(['SUCCEEDED', 'FAILED', 'CANCELLED'])
const FIRST_POLL_MS = 25
const LAST_POLL_MS = 2_000

/** Converts the error of a failed call to {@link AthenaQueryError}. */
export const refused = (queryId: string | null) => (cause: unknown) => {
  const name = cause instanceof Error ? cause.name : ''
  const reason = cause instanceof Error ? cause.message : String(cause)
  const throttled = /TooManyRequests|Throttl/.test(name)
  const code = throttled ? 'throttled' : isTransient(cause) ? 'unreachable' : 'failed'
  throw new AthenaQueryError({ code, queryId, reason: `${name}: ${reason}`, cause })
}

/** The idempotency token makes a repeated start return the same query. */
async function start(place: AthenaPlace, sql: string, token: string): Promise<string> {
  const bytes = Buffer.byteLength(sql)
  if (bytes > MAX_QUERY_BYTES) {
    const reason = `its text has ${bytes} bytes, ${MAX_QUERY_BYTES} are allowed`
    throw new AthenaQueryError({ code: 'too-long', queryId: null, reason })
  }
  const command = new StartQueryExecutionCommand({
    QueryString: sql,
    ClientRequestToken: token,
    WorkGroup: place.workGroup,
    QueryExecutionContext: { Catalog: place.catalog, Database: place.database },
    ...(place.outputLocation === null
      ? {}
      : { ResultConfiguration: { OutputLocation: place.outputLocation } }),
  })
  const { QueryExecutionId } = await retried(place.retry, () => place.client.send(command)).catch(
    refused(null),
  )
  return String(QueryExecutionId)
}

async function getExecution({ client, retry }: AthenaPlace, queryId: string): Promise<QueryExecution> {
  const command = new GetQueryExecutionCommand({ QueryExecutionId: queryId })
  const { QueryExecution: execution } = await retried(retry, () => client.send(command)).catch(
    refused(queryId),
  )
  return execution ?? {}
}

async function stop({ client }: AthenaPlace, queryId: string): Promise<void> {
  // Best effort: the caller abandons the query in any case.
  await client.send(new StopQueryExecutionCommand({ QueryExecutionId: queryId })).catch(() => {})
}

export interface FinishedQuery {
  readonly id: string
  readonly scannedBytes: number
}

/**
 * @param query the SQL text; a function if each attempt must write to a new location
 * @throws {AthenaQueryError}
 * @throws {QueryRunning} if the caller's deadline comes before the end of the query
 * @throws {QueryDeferred} if the caller's deadline comes before Athena has capacity for the query
 */
export async function runQuery(place: AthenaPlace, query: string | (() => string)): Promise<FinishedQuery> {
  const waitOrThrow = untilItPasses(place)
  for (;;) {
    const sql = typeof query === 'string' ? query : query()
    const { id, execution } = await startAndWait(place, sql, waitOrThrow)
    const { Status: status = {}, Statistics: statistics } = execution
    if (status.State === 'SUCCEEDED') return { id, scannedBytes: statistics?.DataScannedInBytes ?? 0 }
    if (!failedInEarlierInvocation(place, status)) await waitOrThrow(failure(id, status))
  }
}

/**
 * Starts one query and waits for its end. After throttling, it repeats the start with the same token and gets the
 * same query.
 */
async function startAndWait(place: AthenaPlace, sql: string, waitOrThrow: (error: unknown) => Promise<void>) {
  const token = place.replay.token(sql)
  for (;;)
    try {
      const id = await start(place, sql, token)
      return { id, execution: await waitForEnd(place, id) }
    } catch (error) {
      await waitOrThrow(error)
    }
}

/** The query failed in an earlier invocation of the same work. This invocation starts it again. */
const failedInEarlierInvocation = (
  { replay }: AthenaPlace,
  { CompletionDateTime: ended }: QueryExecutionStatus,
): boolean => ended !== undefined && ended.getTime() < replay.began

function failure(queryId: string, { State, StateChangeReason, AthenaError }: QueryExecutionStatus) {
  const reason = StateChangeReason ?? AthenaError?.ErrorMessage ?? 'no reason was given'
  const state = State === 'CANCELLED' ? State : 'FAILED'
  return new AthenaQueryError({
    code: codeOf(state, reason, AthenaError?.Retryable === true),
    queryId,
    reason,
  })
}

async function waitForEnd(place: AthenaPlace, id: string): Promise<QueryExecution> {
  const deadline = Date.now() + place.patienceMs
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 2, LAST_POLL_MS)) {
    const execution = await getExecution(place, id)
    if (ENDED.has(execution.Status?.State)) return execution
    if (place.until !== null && Date.now() + pause > place.until) {
      const running = new QueryRunning(id)
      place.replay.suspend(running)
      throw running
    }
    if (Date.now() > deadline) {
      await stop(place, id)
      const reason = `it ran longer than ${place.patienceMs} ms and was stopped`
      throw new AthenaQueryError({ code: 'limit', queryId: id, reason })
    }
    await sleep(pause)
  }
}
