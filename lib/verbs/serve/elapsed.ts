export interface ElapsedProps {
  /** A monotonic clock, in milliseconds since any instant. @default performance.now */
  readonly monotonic?: () => number
  /** Milliseconds since 1970. @default Date.now */
  readonly wall?: () => number
}

/**
 * Makes a clock of elapsed milliseconds, which may overestimate but never underestimates. A monotonic clock does not run
 * while its machine is frozen, as Lambda freezes it between two requests. A wall clock may be set back. Each call counts
 * the greater advance of the two clocks since the last call.
 */
export function elapsed(props: ElapsedProps = {}): () => number {
  const { monotonic = () => performance.now(), wall = Date.now } = props
  let [passed, lastMonotonic, lastWall] = [0, monotonic(), wall()]
  return () => {
    const [nowMonotonic, nowWall] = [monotonic(), wall()]
    passed += Math.max(nowMonotonic - lastMonotonic, nowWall - lastWall)
    ;[lastMonotonic, lastWall] = [nowMonotonic, nowWall]
    return passed
  }
}
