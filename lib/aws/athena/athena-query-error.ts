/** The error of a failed Athena query: code, Athena's reason and a remedy. */

/** Code → remedy, and whether the same query may succeed a moment later. */
export const ATHENA_ERRORS = {
  /** Athena refused or stopped the query because of its text. */
  failed: { retryable: false, advice: 'correct the query or what it reads' },
  /** Another writer committed first. */
  conflict: { retryable: true, advice: 'run it again on the table as it now is' },
  /** A fault of the service. */
  internal: { retryable: true, advice: 'run it again; if it stays, show AWS the query id' },
  cancelled: { retryable: false, advice: 'somebody stopped it; run it again if that was not meant' },
  /** A limit on scanned bytes, run time or memory was reached. */
  limit: {
    retryable: false,
    advice: "ask for fewer days, columns or entities, or raise the workgroup's limit",
  },
  /** The engine or its queue had no capacity at that moment. */
  overloaded: {
    retryable: true,
    advice: 'try later; if it stays, ask for fewer days, columns or entities, or reserve capacity',
  },
  throttled: { retryable: true, advice: 'try later, or raise the account quota of concurrent queries' },
  'too-long': { retryable: false, advice: 'keep values in tables instead of the text' },
  unreachable: { retryable: true, advice: 'check network, region and permissions, then try again' },
} as const satisfies Record<string, { readonly retryable: boolean; readonly advice: string }>

export type AthenaErrorCode = keyof typeof ATHENA_ERRORS

export interface AthenaQueryErrorProps extends ErrorOptions {
  readonly code: AthenaErrorCode
  /** Null: Athena did not accept the query. */
  readonly queryId: string | null
  /** Athena's reason. */
  readonly reason: string
}

export class AthenaQueryError extends Error {
  readonly code: AthenaErrorCode
  readonly retryable: boolean
  readonly queryId: string | null
  readonly reason: string

  constructor({ code, queryId, reason, ...options }: AthenaQueryErrorProps) {
    const { retryable, advice } = ATHENA_ERRORS[code]
    const which = queryId === null ? 'Athena did not take the query' : `Athena query ${queryId}`
    super(`${which} (${code}): ${reason}; ${advice}`, options)
    this.name = 'AthenaQueryError'
    this.code = code
    this.retryable = retryable
    this.queryId = queryId
    this.reason = reason
  }
}

const REASONS: readonly (readonly [AthenaErrorCode, RegExp])[] = [
  // Errors in the query text. This must be first, because the text may contain words of later patterns.
  ['failed', /^[A-Z_]+: line \d+:\d+/],
  ['conflict', /ICEBERG_COMMIT_ERROR|TRANSACTION_CONFLICT|Failed to commit|conflicting files/i],
  [
    'overloaded',
    /exhausted resources|INSUFFICIENT_RESOURCES|EXCEEDED_QUEUED|queue[sd]?\b.*\btime|tim(e|ed) ?out.*\bqueue/i,
  ],
  // Throttling by services that the query uses, such as S3, Glue and KMS.
  [
    'throttled',
    /Rate exceeded|ThrottlingException|ThrottledException|TooManyRequests|SlowDown|reduce your request rate|exceeded the rate/,
  ],
  ['limit', /scan(ned)? limit|limit was exceeded|EXCEEDED_|Query timeout/i],
  ['internal', /^(GENERIC_)?INTERNAL|INTERNAL_ERROR/i],
]

/** Maps the reason of a failed or cancelled query to its code. */
export function codeOf(
  state: 'FAILED' | 'CANCELLED',
  reason: string,
  serviceFault: boolean,
): AthenaErrorCode {
  const known = REASONS.find(([, pattern]) => pattern.test(reason))?.[0]
  if (known !== undefined) return known
  if (state === 'CANCELLED') return 'cancelled'
  return serviceFault ? 'internal' : 'failed'
}
