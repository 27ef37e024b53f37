/** What the serving bench found, as plain data, and as people read it. */
import { AS_OF, dollarsOf, PRICED_REGION, PRICES } from '../../lib/cost/prices.ts'
import { number, spreadText, table } from '../print.ts'
import type { Report } from '../report.ts'
import { ratios, type Spread, spread } from '../statistics.ts'

export interface Served {
  /** Requests a second. */
  readonly rate: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of the server, for one request. */
  readonly cpuMs: number
  /** Of DynamoDB Local, for one request. */
  readonly databaseCpuMs: number
}

/** Runs of one kind of request, ours and the peer's by turns. */
export interface Pairs {
  readonly name: string
  readonly ours: readonly Served[]
  /** Empty without a peer. */
  readonly theirs: readonly Served[]
}

export interface Growth {
  readonly keys: number
  /** Of each key. */
  readonly features: number
  readonly served: Served
  /** Of one request. */
  readonly readUnits: number
}

export interface ColdStart {
  /** Of the bundle, minified. */
  readonly bytes: number
  /** Its largest parts: package or folder, and bytes. */
  readonly parts: readonly (readonly [string, number])[]
  /** From the import's begin to the answer to the first event, wall time and CPU. */
  readonly initMs: readonly number[]
  readonly initCpuMs: readonly number[]
}

export interface ServingReport {
  readonly machine: Report['machine']
  readonly entities: number
  /** Values that the peer answers alike; null without a peer. */
  readonly answers: number | null
  readonly pairs: readonly Pairs[]
  readonly growth: readonly Growth[]
  readonly cold: ColdStart
}

const of = (runs: readonly Served[], field: keyof Served): number[] => runs.map(run => run[field])

export const SERVED_HEAD = [
  'requests/s',
  'p50, ms',
  'p99, ms',
  'CPU a request, ms',
  'DynamoDB Local’s, ms',
] as const

export const servedRow = (name: string, runs: readonly Served[]): readonly string[] => [
  name,
  spreadText(spread(of(runs, 'rate'))),
  spreadText(spread(of(runs, 'p50Ms')), 2),
  spreadText(spread(of(runs, 'p99Ms')), 2),
  spreadText(spread(of(runs, 'cpuMs')), 2),
  spreadText(spread(of(runs, 'databaseCpuMs')), 2),
]

const ratio = ({ ours, theirs }: Pairs, field: keyof Served): Spread =>
  ratios(of(ours, field), of(theirs, field))

const ratioRow = (pair: Pairs): readonly string[] => [
  pair.name,
  `${spreadText(ratio(pair, 'rate'), 1)} ×`,
  `1/${spreadText(ratios(of(pair.theirs, 'cpuMs'), of(pair.ours, 'cpuMs')), 1)}`,
  `${spreadText(ratio(pair, 'p99Ms'), 2)} ×`,
]

/** Requests that dollars are for. */
const MILLION = 1_000_000

const dollarsOfReads = (units: number): number => dollarsOf(PRICES.dynamodbRead, units * MILLION)

/** Of a million requests: reads, the API's requests and the function's; not the function's time. */
const dollars = (units: number): number =>
  dollarsOfReads(units) + dollarsOf(PRICES.httpApi, MILLION) + dollarsOf(PRICES.lambdaRequest, MILLION)

const growthRow = ({ keys, features, served, readUnits }: Growth): readonly string[] => [
  `${number(keys)} × ${features}`,
  number(served.p50Ms, 2),
  number((served.p50Ms / keys) * 1_000, 0),
  number((served.cpuMs / keys) * 1_000, 0),
  number(readUnits, 1),
  number(dollarsOfReads(readUnits), 2),
  number(dollars(readUnits), 2),
]

export function servingText({ machine, entities, answers, pairs, growth, cold }: ServingReport): string {
  const [sides, compared] = [pairs, pairs.filter(({ theirs }) => theirs.length > 0)]
  const parts = [
    `${machine.cpus} cores, ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}, load ${machine.load}`,
    `${number(entities)} entities × 2 views × 10 features in DynamoDB Local. Median (least–most) of the runs.`,
    '',
    table([
      ['', ...SERVED_HEAD],
      ...sides.flatMap(({ name, ours, theirs }) => [
        servedRow(name, ours),
        ...(theirs.length === 0 ? [] : [servedRow(`Feast: ${name}`, theirs)]),
      ]),
    ]),
  ]
  if (compared.length > 0)
    parts.push(
      '',
      table([
        ['quern / Feast, pair by pair', 'throughput', 'CPU a request', 'p99'],
        ...compared.map(ratioRow),
      ]),
      '',
      `${number(answers ?? 0)} sampled values as Feast answers them`,
    )
  const top = cold.parts.map(([name, bytes]) => `${name} ${number(bytes / 1_000)}`).join(', ')
  parts.push(
    '',
    table([
      [
        'keys × features',
        'p50, ms',
        'µs a key',
        'CPU µs a key',
        'read units',
        '$ reads/million',
        `$ with API`,
      ],
      ...growth.map(growthRow),
    ]),
    `Dollars for a million requests at on-demand prices, ${PRICED_REGION}, ${AS_OF} (lib/cost/prices.ts); the function’s time is not in them.`,
    '',
    `Bundle: ${number(cold.bytes / 1_000)} KB minified, of which in KB: ${top}`,
    `Init, from import to the first answer: ${spreadText(spread(cold.initMs))} ms, CPU ${spreadText(spread(cold.initCpuMs))} ms, ${cold.initMs.length} starts`,
  )
  return parts.join('\n')
}
