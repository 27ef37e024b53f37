export interface CircuitBreakerProps {
  /** Number of consecutive failures that open the breaker. @default 3 */
  readonly failures?: number
  /** How long the breaker stays open, in milliseconds. The next failure after that opens it again. @default 5,000 */
  readonly restMs?: number
  /** A monotonic clock in milliseconds. @default performance.now */
  readonly now?: () => number
}

/** Stops calls to a failing dependency, and allows them again after a pause. */
export interface CircuitBreaker {
  readonly isResting: () => boolean
  readonly note: (outcome: 'success' | 'failure') => void
}

export function circuitBreaker(props: CircuitBreakerProps = {}): CircuitBreaker {
  const { failures = 3, restMs = 5_000, now = () => performance.now() } = props
  let [consecutiveFailures, restsUntil] = [0, Number.NEGATIVE_INFINITY]
  return {
    isResting: () => now() < restsUntil,
    note: outcome => {
      consecutiveFailures = outcome === 'success' ? 0 : consecutiveFailures + 1
      if (consecutiveFailures >= failures) restsUntil = now() + restMs
    },
  }
}
