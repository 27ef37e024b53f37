/** Figures as people read them, each with its spread. */
import type { Comparison, Figure, Report, ServedFigure } from './report.ts'
import type { Spread } from './statistics.ts'

const number = (n: number, digits = 0): string =>
  n.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

const megabytes = (bytes: number): number => bytes / 1e6

const spreadText = ({ median, least, most }: Spread, digits = 0): string =>
  least === most
    ? number(median, digits)
    : `${number(median, digits)} (${number(least, digits)}–${number(most, digits)})`

const scaled = ({ median, least, most }: Spread, by: (n: number) => number): Spread => ({
  median: by(median),
  least: by(least),
  most: by(most),
})

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
  return rows.map(line).join('\n')
}

const figureRow = ({ name, unit, runs, rate, seconds, cpuSeconds, peakBytes }: Figure): readonly string[] => [
  name,
  `${spreadText(rate)} ${unit}/s`,
  `${spreadText(seconds, 1)} s`,
  `${spreadText(cpuSeconds, 1)} s`,
  `${spreadText(scaled(peakBytes, megabytes))} MB`,
  String(runs),
]

const servedRow = (served: ServedFigure): readonly string[] => [
  `${served.keys} ${served.keys === 1 ? 'entity' : 'entities'} × 2 views, ${served.connections} ${served.connections === 1 ? 'connection' : 'connections'}`,
  `${spreadText(served.rate)} requests/s`,
  `${spreadText(served.p50Ms, 2)} ms`,
  `${spreadText(served.p99Ms, 2)} ms`,
  `${spreadText(
    scaled(served.cpuSecondsEach, s => s * 1_000),
    2,
  )} ms`,
  `${spreadText(scaled(served.peakBytes, megabytes))} MB`,
]

const comparisonRow = ({ name, ratio, memory }: Comparison): readonly string[] => [
  name,
  `${spreadText(ratio, 2)} ×`,
  `${spreadText(memory, 2)} ×`,
]

export function reportText({ machine, shape, figures, served, comparisons, answers }: Report): string {
  const parts = [
    `${machine.cpus} cores, ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}, load ${machine.load}`,
    `${number(shape.rows)} rows × 10 features in each of 2 views, ${number(shape.entities)} entities, spine of ${number(shape.spineRows)}`,
    'Median (least–most) of the runs; CPU and peak memory are of the phase’s own process.',
    '',
    table([['', 'rate', 'time', 'CPU', 'peak memory', 'runs'], ...figures.map(figureRow)]),
  ]
  if (served.length > 0)
    parts.push(
      '',
      table([['served', 'rate', 'p50', 'p99', 'CPU a request', 'peak memory'], ...served.map(servedRow)]),
    )
  if (comparisons.length > 0)
    parts.push(
      '',
      table([['quern / Feast, pair by pair', 'speed', 'memory'], ...comparisons.map(comparisonRow)]),
    )
  return [...parts, ...(answers.length > 0 ? ['', ...answers] : [])].join('\n')
}
