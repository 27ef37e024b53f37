/** The online store did not complete a call. The error names the keys that were not read or written. */
export class OnlineStoreError extends Error {
  /** True if the same call may succeed later. */
  readonly retryable: boolean
  /**
   * The partition keys that were not read or written. They may be personal data: the caller may see them, but logs
   * must not.
   */
  readonly keys: readonly string[]

  constructor(sentence: string, { retryable, keys, cause }: OnlineStoreFailure) {
    const what = `${sentence}${because(cause)}`
    super(keys.length === 0 ? what : `${what}: ${named(keys)}`, { cause })
    this.name = 'OnlineStoreError'
    this.retryable = retryable
    this.keys = keys
  }
}

export interface OnlineStoreFailure {
  readonly retryable: boolean
  readonly keys: readonly string[]
  /** The error of the last attempt. */
  readonly cause?: unknown
}

/**
 * The name of the cause. Only a denied permission is quoted with its message, because other messages may contain keys
 * and values.
 */
function because(cause: unknown): string {
  if (!(cause instanceof Object) || !('name' in cause)) return ''
  const isDenied = cause.name === 'AccessDeniedException' && 'message' in cause
  return ` (${isDenied ? cause.message : cause.name})`
}

/** The most keys that a message contains. All keys are in {@link OnlineStoreError.keys}. */
const NAMED = 20

function named(keys: readonly string[]): string {
  const rest = keys.length - NAMED
  return `${keys.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
