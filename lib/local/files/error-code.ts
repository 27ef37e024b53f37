/** Whether an error has this code. It does not use `instanceof`, which fails for errors from another realm. */
export const hasCode = (error: unknown, code: string): error is object =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code
