/** Does an error of Node's carry this code? Asked by shape: an error may come from another realm. */
export const hasCode = (error: unknown, code: string): error is object =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code
