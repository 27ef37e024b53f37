/** An online store that did not do all it was asked. It names what is left undone. */
export class OnlineStoreError extends Error {
  /** Would the same call, made again later, have a chance? */
  readonly retryable: boolean
  /** The partition keys that stayed unread or unwritten. They may be personal: for whoever gave them, not for logs. */
  readonly keys: readonly string[]

  constructor(sentence: string, { retryable, keys, cause }: OnlineStoreFailure) {
    super(keys.length === 0 ? sentence : `${sentence}: ${named(keys)}`, { cause })
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

/** As many as a message can bear; all of them are in {@link OnlineStoreError.keys}. */
const NAMED = 20

function named(keys: readonly string[]): string {
  const rest = keys.length - NAMED
  return `${keys.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
