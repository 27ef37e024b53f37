/** One query on Athena, from its start to its end: begun once, asked after with growing pauses. */
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
  /** `s3://…` for results; null: the workgroup says. */
  readonly outputLocation: string | null
  readonly retry: Retry
  /** Pauses between tries of a query that was throttled, or found no room. */
  readonly later: Retry
  /** A query that runs longer is stopped. */
  readonly patienceMs: number
  readonly replay: ResumableInvocation
  /** When the caller must end, in milliseconds since 1970; its query then goes on. Null: it can wait. */
  readonly until: number | null
}

/** Athena's limit on a query's text. */
export const MAX_QUERY_BYTES = 262_144
const ENDED = new Set<string | undefined>(['SUCCEEDED', 'FAILED', 'CANCELLED'])
const FIRST_POLL_MS = 25
const LAST_POLL_MS = 2_000

/** A call that failed for good, as the error that callers know. */
export const refused = (queryId: string | null) => (cause: unknown) => {
  const name = cause instanceof Error ? cause.name : ''
  const reason = cause instanceof Error ? cause.message : String(cause)
  const throttled = /TooManyRequests|Throttl/.test(name)
  const code = throttled ? 'throttled' : isTransient(cause) ? 'unreachable' : 'failed'
  throw new AthenaQueryError({ code, queryId, reason: `${name}: ${reason}`, cause })
}

/** The token makes a repeated start the same start. */
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

async function look({ client, retry }: AthenaPlace, queryId: string): Promise<QueryExecution> {
  const command = new GetQueryExecutionCommand({ QueryExecutionId: queryId })
  const { QueryExecution: execution } = await retried(retry, () => client.send(command)).catch(
    refused(queryId),
  )
  return execution ?? {}
}

async function stop({ client }: AthenaPlace, queryId: string): Promise<void> {
  // Best effort: the query is given up either way.
  await client.send(new StopQueryExecutionCommand({ QueryExecutionId: queryId })).catch(() => {})
}

export interface FinishedQuery {
  readonly id: string
  readonly scannedBytes: number
}

/**
 * @param query its text; a function, where a try must not write to the place of the one before
 * @throws {AthenaQueryError}
 * @throws {QueryRunning} when the caller must end before the query
 * @throws {QueryDeferred} when it must end before Athena has room for the query
 */
export async function runQuery(place: AthenaPlace, query: string | (() => string)): Promise<FinishedQuery> {
  const passes = untilItPasses(place)
  for (;;) {
    const sql = typeof query === 'string' ? query : query()
    const { id, execution } = await untilTaken(place, sql, passes)
    const { Status: status = {}, Statistics: statistics } = execution
    if (status.State === 'SUCCEEDED') return { id, scannedBytes: statistics?.DataScannedInBytes ?? 0 }
    if (!isOfBefore(place, status)) await passes(failure(id, status))
  }
}

/** The end of one query. A call that is throttled for longer is made again under the same token, and finds the query. */
async function untilTaken(place: AthenaPlace, sql: string, passes: (error: unknown) => Promise<void>) {
  const token = place.replay.token(sql)
  for (;;)
    try {
      const id = await start(place, sql, token)
      return { id, execution: await untilEnded(place, id) }
    } catch (error) {
      await passes(error)
    }
}

/** It failed for an earlier invocation of the same work, which has been begun again to do better. */
const isOfBefore = ({ replay }: AthenaPlace, { CompletionDateTime: ended }: QueryExecutionStatus): boolean =>
  ended !== undefined && ended.getTime() < replay.began

function failure(queryId: string, { State, StateChangeReason, AthenaError }: QueryExecutionStatus) {
  const reason = StateChangeReason ?? AthenaError?.ErrorMessage ?? 'no reason was given'
  const state = State === 'CANCELLED' ? State : 'FAILED'
  return new AthenaQueryError({
    code: codeOf(state, reason, AthenaError?.Retryable === true),
    queryId,
    reason,
  })
}

async function untilEnded(place: AthenaPlace, id: string): Promise<QueryExecution> {
  const deadline = Date.now() + place.patienceMs
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 2, LAST_POLL_MS)) {
    const execution = await look(place, id)
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
