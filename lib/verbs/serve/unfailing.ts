/** The same act, whose failure fails nothing: for logs, metrics and whatever else an answer does not need. */
export const unfailing =
  <A extends readonly unknown[]>(act: (...args: A) => void): ((...args: A) => void) =>
  (...args) => {
    try {
      act(...args)
    } catch {
      // The log itself may be what fails: there is no place left to tell it.
    }
  }
