/**
 * Transient faults of Athena: throttling of its calls or of the services that it calls, and missing capacity. The
 * query is tried again after growing pauses. If the caller's deadline comes first, Step Functions waits instead.
 */

import type { Retry } from '../retry.ts'
import { type AthenaErrorCode, AthenaQueryError } from './athena-query-error.ts'
import type { ResumableInvocation } from './resumable-invocation.ts'

/** Error name for Step Functions, and attempts within one invocation. Athena bills each attempt of an overloaded query. */
const TRANSIENT_FAULTS = {
  throttled: { name: 'QueryThrottled', attempts: 6 },
  overloaded: { name: 'QueryOverloaded', attempts: 2 },
} as const satisfies Partial<Record<AthenaErrorCode, { readonly name: string; readonly attempts: number }>>

type TransientCode = keyof typeof TRANSIENT_FAULTS

const isTransientCode = (code: AthenaErrorCode): code is TransientCode =>
  Object.hasOwn(TRANSIENT_FAULTS, code)

/** The caller has no attempts or no time left. The same work, started again later, continues from the same point. */
export class QueryDeferred extends Error {
  readonly queryId: string | null

  constructor(code: TransientCode, cause: AthenaQueryError) {
    super(cause.message, { cause })
    this.name = TRANSIENT_FAULTS[code].name
    this.queryId = cause.queryId
  }
}

export interface Patience {
  /** Pauses between attempts. */
  readonly later: Retry
  /** Deadline of the caller, in milliseconds since 1970. Null: no deadline. */
  readonly until: number | null
  readonly replay: ResumableInvocation
}

/**
 * Waits after a transient fault of one query, up to a number of attempts per fault.
 * @returns a function that waits after a transient fault, and rethrows any other error
 */
export function untilItPasses({ later, until, replay }: Patience): (error: unknown) => Promise<void> {
  const failures: Record<TransientCode, number> = { throttled: 0, overloaded: 0 }
  return async error => {
    if (!(error instanceof AthenaQueryError && isTransientCode(error.code))) throw error
    const { code } = error
    failures[code]++
    if (failures[code] < TRANSIENT_FAULTS[code].attempts && (until === null || Date.now() < until))
      return later.pause(failures[code])
    if (until === null) throw error
    const deferred = new QueryDeferred(code, error)
    replay.suspend(deferred)
    throw deferred
  }
}
