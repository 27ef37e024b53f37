export interface CircuitBreakerProps {
  /** After so many failures in a row. @default 3 */
  readonly failures?: number
  /** It rests so many milliseconds; the next failure then brings the next rest. @default 5,000 */
  readonly restMs?: number
  /** Milliseconds, never put back. @default performance.now */
  readonly now?: () => number
}

/** Spares callers a part that fails again and again, and looks after a while whether it is well. */
export interface CircuitBreaker {
  readonly isResting: () => boolean
  readonly note: (outcome: 'success' | 'failure') => void
}

export function circuitBreaker(props: CircuitBreakerProps = {}): CircuitBreaker {
  const { failures = 3, restMs = 5_000, now = () => performance.now() } = props
  let [inARow, restsUntil] = [0, Number.NEGATIVE_INFINITY]
  return {
    isResting: () => now() < restsUntil,
    note: outcome => {
      inARow = outcome === 'success' ? 0 : inARow + 1
      if (inARow >= failures) restsUntil = now() + restMs
    },
  }
}
