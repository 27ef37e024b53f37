export interface ElapsedProps {
  /** Milliseconds from any instant on, never put back. @default performance.now */
  readonly monotonic?: () => number
  /** Milliseconds since 1970. @default Date.now */
  readonly wall?: () => number
}

/**
 * A clock of milliseconds that have passed since it was made: more than in truth perhaps, never fewer. A monotonic clock
 * stands still while its machine is frozen, as Lambda's are between two requests; a wall clock may be put back. Of the
 * two, the one that went further since the last look counts.
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
