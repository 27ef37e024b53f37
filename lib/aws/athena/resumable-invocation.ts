/**
 * Makes a function's invocation resumable.
 * When the function is called again for the same work, queries get the same idempotency tokens. Athena then returns
 * the running or finished queries instead of new ones. Files get the same names.
 * A function whose queries exceed its time limit ends with {@link QueryRunning}. It is called again until all results
 * exist.
 */
import { createHash, randomUUID } from 'node:crypto'

/** Tokens and names of one invocation. */
export interface ResumableInvocation {
  /** Athena's `ClientRequestToken`. The n-th run of a query in the same work always has the same token. */
  readonly token: (sql: string) => string
  /** A file name. The n-th file with this name in the same work always has the same result. */
  readonly name: (name: string) => string
  /** Start of this invocation, in milliseconds since 1970. Queries that failed earlier are tried again. */
  readonly began: number
  /**
   * Ends the invocation before its work is done: a query still runs or lacks capacity. Intermediate results stay for
   * the next invocation.
   */
  readonly suspend: (reason: Error) => void
  /** The reason of the suspension, even if its error was wrapped later; null: not suspended. */
  readonly suspended: () => Error | null
}

/** Work that is never resumed: each query runs anew, each file name is new. */
export const once = (): ResumableInvocation => ({
  token: () => randomUUID(),
  name: name => `${randomUUID()}-${name}`,
  began: 0,
  suspend: () => {},
  suspended: () => null,
})

const hashOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')

/** @param work a unique name of the unit of work, such as the task of a view in a run */
export function resumableInvocation(work: string): ResumableInvocation {
  const times = new Map<string, number>()
  let suspended: Error | null = null
  const nth = (what: string): string => {
    const n = (times.get(what) ?? 0) + 1
    times.set(what, n)
    return String(n)
  }
  return {
    token: sql => hashOf(work, sql, nth(`query ${sql}`)),
    name: name => `${hashOf(work, name, nth(`file ${name}`)).slice(0, 32)}-${name}`,
    began: Date.now(),
    suspend: reason => {
      suspended = reason
    },
    suspended: () => suspended,
  }
}

/**
 * The query still runs, and the caller has no time left. This is not a failure: the same work, started again, finds
 * the query.
 */
export class QueryRunning extends Error {
  readonly queryId: string

  constructor(queryId: string) {
    super(`Athena query ${queryId} is still running; begin the same work again to wait on`)
    this.name = 'QueryRunning'
    this.queryId = queryId
  }
}
