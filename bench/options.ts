/** Command-line options of the bench. */
import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import type { Shape } from './data.ts'
import { SET_NAMES, type SetName } from './windows/questions.ts'

export const PHASES = ['ingest', 'training-set', 'materialize', 'serve'] as const
export type PhaseName = (typeof PHASES)[number]

export interface BenchOptions {
  readonly shape: Shape
  readonly phases: readonly PhaseName[]
  /** Runs of each phase, and pairs with the peer. */
  readonly repeat: number
  /** Seconds of load for each kind of request, in each run. */
  readonly loadSeconds: number
  readonly peer: boolean
  /** Use the peer's default settings. */
  readonly peerDefaults: boolean
  readonly dynamodbLocal: boolean
  /** The point-in-time join in Trino, instead of the phases. */
  readonly trino: boolean
  /** Serving beside Feast's server, instead of the phases. */
  readonly serving: boolean
  /** Serving while DynamoDB fails, instead of the phases. */
  readonly faults: boolean
  /** Windows at a spine's rows beside plain range joins, instead of the phases; null: not. */
  readonly windows: readonly SetName[] | null
  /** Events through the stream's function, and windows served, instead of the phases. */
  readonly stream: boolean
  readonly quick: boolean
  readonly json: boolean
  readonly folder: string
}

const whole = (most: number) => (text: string) => {
  if (/^[1-9]\d*$/.test(text) && Number(text) <= most) return Number(text)
  throw new InvalidArgumentError(`Give a whole number from 1 to ${most}.`)
}

const some =
  <N extends string>(names: readonly N[]) =>
  (text: string): readonly N[] => {
    const asked = text.split(',')
    const known = names.filter(name => asked.includes(name))
    if (known.length === asked.length) return known
    throw new InvalidArgumentError(`Give some of: ${names.join(', ')}, with commas between.`)
  }

const phases = some(PHASES)
const sets = some(SET_NAMES)

interface Raw {
  readonly scale: number
  readonly repeat: number
  readonly only: readonly PhaseName[]
  readonly quick: boolean
  readonly peer: boolean
  readonly peerDefaults: boolean
  readonly dynamodbLocal: boolean
  readonly trino: boolean
  readonly serving: boolean
  readonly faults: boolean
  /** True: all of them. */
  readonly windows?: readonly SetName[] | true
  readonly stream: boolean
  readonly json: boolean
  readonly folder: string
}

const FULL = { rows: 1_000_000, entities: 50_000, spineRows: 100_000 }
const QUICK = { rows: 20_000, entities: 1_000, spineRows: 2_000 }

export function benchOptions(): BenchOptions {
  const program = new Command('npm run bench --')
    .description('Measures quern on generated data: each phase in a process of its own, several times.')
    .option('--scale <n>', 'times the history: n million rows in each view', whole(10), 1)
    .option('--repeat <n>', 'runs of each phase', whole(20), 3)
    .option('--only <phases>', `of ${PHASES.join(', ')}; ingest always runs`, phases, PHASES)
    .option('--quick', 'a small smoke run: 20,000 rows, one run each', false)
    .option('--dynamodb-local', 'materialize into DynamoDB Local as well (needs Java 17 and Maven)', false)
    .option('--peer', 'beside Feast 0.67, in pairs (needs Python 3.11, Java 17 and Maven)', false)
    .option('--peer-defaults', "with Feast's materialization settings left at their defaults", false)
    .option('--trino', "only the training set's SQL, in Trino (needs Java 24, Maven and Python 3)", false)
    .option('--serving', 'only serving, by DynamoDB Local (needs Java 17 and Maven)', false)
    .option('--faults', 'only serving while DynamoDB fails; the exit code tells the verdict', false)
    .option(
      '--windows [sets]',
      `only windows at a spine's rows, beside plain range joins; of ${SET_NAMES.join(', ')}`,
      sets,
    )
    .option('--stream', 'only events into windows and windows served (needs Java 17 and Maven)', false)
    .option('--json', 'print the report as JSON', false)
    .option('--folder <path>', 'where data, stores and the peer are kept', '.quern/bench')
    .parse()
  const raw = program.opts<Raw>()
  const base = raw.quick ? QUICK : FULL
  return {
    shape: { ...base, rows: base.rows * raw.scale },
    phases: raw.only,
    repeat: raw.quick ? 1 : raw.repeat,
    loadSeconds: raw.quick ? 1 : 5,
    peer: raw.peer || raw.peerDefaults,
    peerDefaults: raw.peerDefaults,
    trino: raw.trino,
    serving: raw.serving,
    faults: raw.faults,
    windows: raw.windows === true ? SET_NAMES : (raw.windows ?? null),
    stream: raw.stream,
    quick: raw.quick,
    dynamodbLocal: raw.dynamodbLocal || raw.peer || raw.peerDefaults,
    json: raw.json,
    folder: resolve(raw.folder),
  }
}
