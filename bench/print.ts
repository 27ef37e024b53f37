/** Figures as people read them, each with its spread. */
import type { Comparison, Figure, Report, ServedFigure } from './report.ts'
import type { Spread } from './statistics.ts'

export const number = (n: number, digits = 0): string =>
  n.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

const megabytes = (bytes: number): number => bytes / 1e6

export const spreadText = ({ median, least, most }: Spread, digits = 0): string =>
  least === most
    ? number(median, digits)
    : `${number(median, digits)} (${number(least, digits)}–${number(most, digits)})`

const scaled = ({ median, least, most }: Spread, by: (n: number) => number): Spread => ({
  median: by(median),
  least: by(least),
  most: by(most),
})

export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
  return rows.map(line).join('\n')
}

const figureRow = ({
  name,
  unit,
  runs,
  rate,
  seconds,
  cpuSeconds,
  peakBytes,
  scannedBytes,
}: Figure): readonly string[] => [
  name,
  `${spreadText(rate)} ${unit}/s`,
  `${spreadText(seconds, 1)} s`,
  `${spreadText(cpuSeconds, 1)} s`,
  `${spreadText(scaled(peakBytes, megabytes))} MB`,
  scannedBytes === null ? '' : `${spreadText(scaled(scannedBytes, megabytes), 1)} MB`,
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

const comparisonRow = ({ name, ratio, cpu, memory }: Comparison): readonly string[] => [
  name,
  `${spreadText(ratio, 2)} ×`,
  `${spreadText(cpu, 2)} ×`,
  `${spreadText(memory, 2)} ×`,
]

export function reportText({ machine, data, figures, served, comparisons, answers }: Report): string {
  const parts = [
    `${machine.cpus} cores, ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}, load ${machine.load}`,
    data,
    'Median (least–most) of the runs.',
    '',
    table([['', 'rate', 'time', 'CPU', 'peak memory', 'scanned', 'runs'], ...figures.map(figureRow)]),
  ]
  if (served.length > 0)
    parts.push(
      '',
      table([['served', 'rate', 'p50', 'p99', 'CPU a request', 'peak memory'], ...served.map(servedRow)]),
    )
  if (comparisons.length > 0)
    parts.push(
      '',
      table([['quern / Feast, pair by pair', 'speed', 'CPU', 'memory'], ...comparisons.map(comparisonRow)]),
    )
  return [...parts, ...(answers.length > 0 ? ['', ...answers] : [])].join('\n')
}
