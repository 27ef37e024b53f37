/** What the bench of windows found, as plain data, and as people read it. */
import { number, spreadText, table } from '../print.ts'
import type { Report } from '../report.ts'
import { spread } from '../statistics.ts'
import type { WindowShape } from './data.ts'
import { SETS, type SetName, WINDOW_COUNTS, type WindowCount } from './questions.ts'
import type { WindowsResult } from './run.ts'
import { type Measure, ofSide, SIDES, type Side, type Took, tenOverOne, timesFaster } from './took.ts'

export interface WindowsFound extends WindowsResult {
  readonly shape: WindowShape
  readonly set: SetName
}

export interface WindowsReport {
  readonly machine: Report['machine']
  readonly found: readonly WindowsFound[]
}

const MEASURES = ['seconds', 'cpuSeconds'] as const satisfies readonly Measure[]

const cells = (took: readonly Took[], count: WindowCount, side: Side): readonly string[] =>
  MEASURES.map(measure => spreadText(spread(ofSide(took, count, side).map(one => one[measure])), 2))

const row = ({ set, took }: WindowsFound, count: WindowCount): readonly string[] => [
  `${SETS[set].name}, ${count} ${count === 1 ? 'window' : 'windows'}`,
  ...SIDES.flatMap(side => cells(took, count, side)),
  ...MEASURES.map(measure => `${spreadText(timesFaster(took, count, measure), 1)} ×`),
]

const growth = ({ set, took }: WindowsFound): string => {
  const [seconds, cpu] = MEASURES.map(measure => spreadText(tenOverOne(took, measure), 1))
  return `${SETS[set].name}: ten windows take ${seconds} times as long as one, and ${cpu} times the CPU`
}

const shapeText = ({ events, entities, days, spineRows }: WindowShape): string =>
  `${number(spineRows)} spine rows over ${number(events)} events of ${number(entities)} entities in ${days} days`

const HEAD = ['quern, s', 'CPU, s', 'a join a window, s', 'CPU, s', 'one join, s', 'CPU, s', 'faster', 'CPU']

export function windowsText({ machine, found }: WindowsReport): string {
  const shapes = Map.groupBy(found, ({ shape }) => shapeText(shape))
  const compared = found.reduce((sum, one) => sum + one.compared, 0)
  return [
    `${machine.cpus} cores, ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}, load ${machine.load}`,
    'Median (least–most) of the rounds after the first; the worse plain join ran in the first only.',
    'Last columns: the better plain join over quern, round by round.',
    ...[...shapes].flatMap(([name, list]) => [
      '',
      name,
      table([['', ...HEAD], ...list.flatMap(one => WINDOW_COUNTS.map(count => row(one, count)))]),
      ...list.map(growth),
    ]),
    '',
    `${number(compared)} values are the same in quern and in the plain joins`,
  ].join('\n')
}
