/** How far views were behind in answers, by view. */

export interface ViewLag {
  /** By key. */
  readonly view: string
  /** Answers in which it was behind. */
  readonly behind: number
  /** Between the oldest arrival that an answer lacks and its instant, in whole milliseconds, rounded up. */
  readonly lagMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

export interface ViewLags {
  readonly add: (view: string, lagMs: number) => void
  /** By view; those that never were behind are not there. */
  readonly report: () => readonly ViewLag[]
}

/** Of each lag how often it was: lags are below the look-back, so there are not many. */
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
  /** The least lag that so many are not above. */
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
