/** Wraps a function so that it never throws. It is meant for logs, metrics and other work that a response does not need. */
export const unfailing =
  <A extends readonly unknown[]>(act: (...args: A) => void): ((...args: A) => void) =>
  (...args) => {
    try {
      act(...args)
    } catch {
      // The failing function may be the log itself, so the error cannot be reported.
    }
  }
