/**
 * Faults of Athena that pass: its calls or what it calls are throttled, or it had no room for the query. The query is
 * tried again after growing pauses; where the caller must end before, Step Functions waits in its place.
 */

import type { Retry } from '../retry.ts'
import { type AthenaErrorCode, AthenaQueryError } from './athena-query-error.ts'
import type { ResumableInvocation } from './resumable-invocation.ts'

/** What Step Functions is told, and tries of one caller. A query that was too large for the moment has its price each time. */
const PASSING = {
  throttled: { name: 'QueryThrottled', attempts: 6 },
  overloaded: { name: 'QueryOverloaded', attempts: 2 },
} as const satisfies Partial<Record<AthenaErrorCode, { readonly name: string; readonly attempts: number }>>

type Passing = keyof typeof PASSING

const isPassing = (code: AthenaErrorCode): code is Passing => Object.hasOwn(PASSING, code)

/** The caller's tries are used up, or its time; the same work, begun again later, goes on where it was. */
export class QueryDeferred extends Error {
  readonly queryId: string | null

  constructor(code: Passing, cause: AthenaQueryError) {
    super(cause.message, { cause })
    this.name = PASSING[code].name
    this.queryId = cause.queryId
  }
}

export interface Patience {
  /** The pauses between tries. */
  readonly later: Retry
  /** When the caller must end, in milliseconds since 1970. Null: it can wait. */
  readonly until: number | null
  readonly replay: ResumableInvocation
}

/**
 * Waits after a fault that passes; of one query, for as long as it is worth it.
 * @returns what throws any other error as it is
 */
export function untilItPasses({ later, until, replay }: Patience): (error: unknown) => Promise<void> {
  const failures: Record<Passing, number> = { throttled: 0, overloaded: 0 }
  return async error => {
    if (!(error instanceof AthenaQueryError && isPassing(error.code))) throw error
    const { code } = error
    failures[code]++
    if (failures[code] < PASSING[code].attempts && (until === null || Date.now() < until))
      return later.pause(failures[code])
    if (until === null) throw error
    const deferred = new QueryDeferred(code, error)
    replay.suspend(deferred)
    throw deferred
  }
}
