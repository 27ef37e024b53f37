/** The errors of the store, as a table: code → exit code, and whether a retry can succeed. */
export const STORE_ERRORS = {
  'lock-unreadable': { exitCode: 1, retryable: false },
  'lock-differs': { exitCode: 1, retryable: false },
  'unknown-view': { exitCode: 2, retryable: false },
  'unknown-service': { exitCode: 2, retryable: false },
  'unknown-training-set': { exitCode: 2, retryable: false },
  'bad-argument': { exitCode: 2, retryable: false },
  'query-refused': { exitCode: 2, retryable: false },
  'not-portable': { exitCode: 3, retryable: false },
  'source-missing': { exitCode: 3, retryable: false },
  'source-unreadable': { exitCode: 3, retryable: false },
  'columns-misfit': { exitCode: 3, retryable: false },
  'rows-refused': { exitCode: 3, retryable: false },
  'spine-misfit': { exitCode: 3, retryable: false },
  'table-changed': { exitCode: 3, retryable: false },
  'table-gone': { exitCode: 3, retryable: false },
  'views-failed': { exitCode: 4, retryable: true },
  'store-damaged': { exitCode: 8, retryable: false },
  'disk-full': { exitCode: 9, retryable: false },
  'not-permitted': { exitCode: 10, retryable: false },
  'too-many-files': { exitCode: 11, retryable: true },
  'out-of-memory': { exitCode: 12, retryable: false },
  'disk-failed': { exitCode: 13, retryable: true },
  'definition-differs': { exitCode: 5, retryable: false },
  'definition-unknown': { exitCode: 5, retryable: false },
  'rows-outdated': { exitCode: 5, retryable: false },
  'store-in-use': { exitCode: 5, retryable: true },
  'store-unreachable': { exitCode: 5, retryable: true },
  'plan-differs': { exitCode: 5, retryable: false },
  'version-gone': { exitCode: 6, retryable: false },
  'spine-gone': { exitCode: 6, retryable: false },
} as const satisfies Record<string, { readonly exitCode: number; readonly retryable: boolean }>

export type StoreErrorCode = keyof typeof STORE_ERRORS

/** A workflow's run ended in a Fail state, or in an error that no state caught. */
export class WorkflowFailed extends Error {
  /** The error's name in the state machine. */
  readonly error: string

  constructor(error: string, cause: string) {
    super(cause)
    this.name = 'WorkflowFailed'
    this.error = error
  }
}

/** An error of the store. Its message names the operation, its subject, the cause and the remedy. */
export class StoreError extends Error {
  readonly code: StoreErrorCode
  readonly retryable: boolean

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
    this.retryable = STORE_ERRORS[code].retryable
  }
}

const MACHINE_ERRORS: readonly StoreErrorCode[] = [
  'store-damaged',
  'disk-full',
  'not-permitted',
  'too-many-files',
  'out-of-memory',
  'disk-failed',
]

/** Whether the machine or the store's own files failed, independent of the operation. */
export const isFromBelow = (error: unknown): error is StoreError =>
  error instanceof StoreError && MACHINE_ERRORS.includes(error.code)
