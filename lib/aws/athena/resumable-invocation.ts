/**
 * What makes a function's invocation repeatable: called again for the same work, it gives its queries the tokens that
 * they had, so that Athena answers with those that are under way or done instead of running them anew; and its files
 * the names that they had. So a function whose queries take longer than it may wait ends in {@link QueryRunning} and is
 * called again, until all that it needs is there.
 */
import { createHash, randomUUID } from 'node:crypto'

/** What one invocation gives its queries and files. */
export interface ResumableInvocation {
  /** For Athena's `ClientRequestToken`: the same query for the n-th time in the same work has the same. */
  readonly token: (sql: string) => string
  /** For the n-th file of that name in the same work. */
  readonly name: (name: string) => string
  /** When this invocation began, in milliseconds since 1970: what failed before it is tried again. */
  readonly began: number
  /** The invocation ends before its work, for a query goes on or finds no room: what it has made so far is left for the next. */
  readonly suspend: (reason: Error) => void
  /** Why it ends, however the error that ends it may have been wrapped since; null: it goes on. */
  readonly suspended: () => Error | null
}

/** Work that nobody will take up again: each query is run, each file is new. */
export const once = (): ResumableInvocation => ({
  token: () => randomUUID(),
  name: name => `${randomUUID()}-${name}`,
  began: 0,
  suspend: () => {},
  suspended: () => null,
})

const hashOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')

/** @param work what is being done, such as a view's task in a run; nothing else may go by this name */
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

/** A query goes on, and its caller cannot wait longer. Nothing is wrong: the same work, begun again, finds it. */
export class QueryRunning extends Error {
  readonly queryId: string

  constructor(queryId: string) {
    super(`Athena query ${queryId} is still running; begin the same work again to wait on`)
    this.name = 'QueryRunning'
    this.queryId = queryId
  }
}
