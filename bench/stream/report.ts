/** What the bench of streams found, as plain data, and as people read it. */
import { number, spreadText, table } from '../print.ts'
import type { Report } from '../report.ts'
import { SERVED_HEAD, type Served, servedRow } from '../serving/report.ts'
import { ratios, spread } from '../statistics.ts'
import type { StreamShape } from './orders.ts'
import type { PushResult } from './push.ts'
import { type PushRun, SIDES } from './push-run.ts'

export interface StreamFound extends PushResult {
  readonly shape: StreamShape
}

export interface WindowsServed {
  readonly name: string
  readonly runs: readonly Served[]
}

export interface StreamReport {
  readonly machine: Report['machine']
  /** Functions at work at once. */
  readonly shards: number
  readonly found: readonly StreamFound[]
  readonly served: readonly WindowsServed[]
}

/** The first round warms the function and the database. */
const ofSide = ({ runs }: StreamFound, side: PushRun['side']): readonly PushRun[] => {
  const own = runs.filter(run => run.side === side)
  return own.length > 1 ? own.slice(1) : own
}

const rate = ({ events, seconds }: PushRun): number => events / seconds

const NAMES = {
  history: 'history, into windows',
  windows: 'pushed, into windows',
  again: 'the same once more',
  rows: 'pushed, as rows of a plain view',
} as const satisfies Record<PushRun['side'], string>

const pushRow = (runs: readonly PushRun[], side: PushRun['side']): readonly string[] => {
  const each = (of: (run: PushRun) => number, digits: number): string =>
    spreadText(spread(runs.map(run => of(run) / run.events)), digits)
  return [
    NAMES[side],
    spreadText(spread(runs.map(rate))),
    each(run => run.cpuSeconds * 1_000, 2),
    each(run => run.databaseCpuSeconds * 1_000, 2),
    each(run => run.read, 2),
    each(run => run.write, 2),
  ]
}

const HEAD = ['events/s', 'CPU an event, ms', 'DynamoDB Local’s, ms', 'read units', 'write units']

function foundText(found: StreamFound): readonly string[] {
  const { shape, requests } = found
  const [ours, rows] = [ofSide(found, 'windows'), ofSide(found, 'rows')]
  return [
    '',
    `${number(shape.entities)} entities, ${number(shape.history)} events in the days before, ${number(shape.pushed)} in a round`,
    table([
      ['', ...HEAD],
      ...(['history', ...SIDES] as const).map(side => pushRow(ofSide(found, side), side)),
    ]),
    `windows / rows, round by round: ${spreadText(ratios(ours.map(rate), rows.map(rate)), 2)} × the events/s`,
    ...requests.map(
      ({ keys, items, readUnits }) =>
        `a request for ${keys} ${keys === 1 ? 'entity' : 'entities'} reads ${items} items, ${number(readUnits, 1)} read units`,
    ),
  ]
}

export function streamText({ machine, shards, found, served }: StreamReport): string {
  const compared = found.reduce((sum, one) => sum + one.compared, 0)
  return [
    `${machine.cpus} cores, ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}, load ${machine.load}`,
    `Ten aggregations over four windows up to 7 d; batches of 500 events from ${shards} shards. Median (least–most) of the rounds.`,
    ...found.flatMap(foundText),
    '',
    table([['', ...SERVED_HEAD], ...served.map(({ name, runs }) => servedRow(name, runs))]),
    '',
    `${number(compared)} values are what the oracle makes of the events`,
  ].join('\n')
}
