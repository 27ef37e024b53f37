/** An online store that did not do all it was asked. It names what is left undone. */
export class OnlineStoreError extends Error {
  /** Would the same call, made again later, have a chance? */
  readonly retryable: boolean
  /** The partition keys that stayed unread or unwritten. They may be personal: for whoever gave them, not for logs. */
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
  /** What the last attempt said. */
  readonly cause?: unknown
}

/** Why, by the error's name; who lacks a permission is told which, on what. Other messages may quote keys and values. */
function because(cause: unknown): string {
  if (!(cause instanceof Object) || !('name' in cause)) return ''
  const isDenied = cause.name === 'AccessDeniedException' && 'message' in cause
  return ` (${isDenied ? cause.message : cause.name})`
}

/** As many as a message can bear; all of them are in {@link OnlineStoreError.keys}. */
const NAMED = 20

function named(keys: readonly string[]): string {
  const rest = keys.length - NAMED
  return `${keys.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
