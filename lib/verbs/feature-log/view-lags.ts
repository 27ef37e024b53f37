/** Computes how far each view was behind in responses. */

export interface ViewLag {
  /** The view's key. */
  readonly view: string
  /** Number of responses in which it was behind. */
  readonly behind: number
  /** From the oldest arrival that a response lacks to the response's instant, in milliseconds, rounded up. */
  readonly lagMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

export interface ViewLags {
  readonly add: (view: string, lagMs: number) => void
  /** Sorted by view key. A view that never was behind is left out. */
  readonly report: () => readonly ViewLag[]
}

/** The number of occurrences by lag. Lags are below the look-back, which limits the number of entries. */
type Counts = Map<number, number>

export function viewLags(): ViewLags {
  const byView = new Map<string, Counts>()
  return {
    add: (view, lagMs) => {
      const counts: Counts = byView.get(view) ?? new Map()
      byView.set(view, counts)
      counts.set(lagMs, (counts.get(lagMs) ?? 0) + 1)
    },
    report: () =>
      [...byView].sort(([a], [b]) => (a < b ? -1 : 1)).map(([view, counts]) => lagOf(view, counts)),
  }
}

function lagOf(view: string, counts: Counts): ViewLag {
  const lags = [...counts].sort(([a], [b]) => a - b)
  const behind = lags.reduce((sum, [, count]) => sum + count, 0)
  /** The nearest-rank percentile: the smallest lag that at least this share of lags does not exceed. */
  const nearestRank = (share: number): number => {
    let left = Math.ceil(share * behind)
    for (const [lag, count] of lags) {
      left -= count
      if (left <= 0) return lag
    }
    return lags.at(-1)?.[0] ?? 0
  }
  return { view, behind, lagMs: { p50: nearestRank(0.5), p99: nearestRank(0.99), max: nearestRank(1) } }
}
