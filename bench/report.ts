/** What a run of the bench found, as plain data: `--json` prints it, print.ts shows it. */
import { cpus, loadavg, totalmem } from 'node:os'
import type { Cost } from './phase.ts'
import type { LoadResult } from './phases/load.ts'
import { ratios, type Spread, spread } from './statistics.ts'

export interface Figure {
  readonly name: string
  readonly unit: string
  readonly runs: number
  /** Units a second. */
  readonly rate: Spread
  readonly seconds: Spread
  readonly cpuSeconds: Spread
  readonly peakBytes: Spread
  /** Read from tables; null: not counted. */
  readonly scannedBytes: Spread | null
}

export interface ServedFigure {
  /** Entities in a request. */
  readonly keys: number
  readonly connections: number
  /** Requests a second. */
  readonly rate: Spread
  readonly p50Ms: Spread
  readonly p99Ms: Spread
  /** Of the server, for one request. */
  readonly cpuSecondsEach: Spread
  readonly peakBytes: Spread
}

export interface Comparison {
  readonly name: string
  /** Our rate over the peer's. */
  readonly ratio: Spread
  /** Our CPU time over the peer's. */
  readonly cpu: Spread
  /** Our peak memory over the peer's. */
  readonly memory: Spread
}

export interface Report {
  readonly machine: {
    readonly cpus: number
    readonly cpu: string
    readonly memoryGb: number
    readonly node: string
    readonly load: string
  }
  /** What the data is, for people. */
  readonly data: string
  readonly figures: readonly Figure[]
  readonly served: readonly ServedFigure[]
  readonly comparisons: readonly Comparison[]
  /** What was found when answers were compared. */
  readonly answers: readonly string[]
}

export const machine = (): Report['machine'] => ({
  cpus: cpus().length,
  cpu: cpus()[0]?.model ?? 'unknown',
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
  /** At the start, over the last minute: what else the machine was doing. */
  load: (loadavg()[0] ?? 0).toFixed(1),
})

export interface Named {
  readonly name: string
  readonly unit: string
  /** Units in a run. */
  readonly units: number
}

type Measured = Cost & { readonly scannedBytes?: number }

export const figure = ({ name, unit, units }: Named, costs: readonly Measured[]): Figure => ({
  name,
  unit,
  runs: costs.length,
  rate: spread(costs.map(cost => units / cost.seconds)),
  seconds: spread(costs.map(cost => cost.seconds)),
  cpuSeconds: spread(costs.map(cost => cost.cpuSeconds)),
  peakBytes: spread(costs.map(cost => cost.peakBytes)),
  scannedBytes: costs.every(cost => cost.scannedBytes === undefined)
    ? null
    : spread(costs.map(cost => cost.scannedBytes ?? 0)),
})

export const comparison = (name: string, ours: readonly Cost[], theirs: readonly Cost[]): Comparison => ({
  name,
  ratio: ratios(
    theirs.map(cost => cost.seconds),
    ours.map(cost => cost.seconds),
  ),
  cpu: ratios(
    ours.map(cost => cost.cpuSeconds),
    theirs.map(cost => cost.cpuSeconds),
  ),
  memory: ratios(
    ours.map(cost => cost.peakBytes),
    theirs.map(cost => cost.peakBytes),
  ),
})

export interface ServedRun {
  readonly load: LoadResult
  /** The server's, while it was asked. */
  readonly cost: Cost
}

export const servedFigure = (
  { keys, connections }: Pick<ServedFigure, 'keys' | 'connections'>,
  runs: readonly ServedRun[],
): ServedFigure => ({
  keys,
  connections,
  rate: spread(runs.map(({ load }) => load.requests / load.seconds)),
  p50Ms: spread(runs.map(({ load }) => load.p50Ms)),
  p99Ms: spread(runs.map(({ load }) => load.p99Ms)),
  cpuSecondsEach: spread(runs.map(({ load, cost }) => cost.cpuSeconds / load.answered)),
  peakBytes: spread(runs.map(({ cost }) => cost.peakBytes)),
})
