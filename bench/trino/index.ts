/**
 * The training set's SQL in Trino, of which Athena is made: quern's beside Feast's own for Athena, in turns. The servers
 * are those of the conformance lane.
 */
import { compile } from '../../lib/compiler/compile.ts'
import { startLane } from '../../test/conformance/lane.ts'
import { definitions } from '../definitions.ts'
import type { BenchOptions } from '../options.ts'
import { installFeast } from '../peer/feast.ts'
import { comparison, figure, machine, type Report } from '../report.ts'
import type { Shape } from './data.ts'
import type { Question } from './queries.ts'
import { fill, LIMIT_CPU_SECONDS, type PairsInput, pairs } from './runs.ts'

const PLAIN: Shape = {
  name: 'plain',
  views: ['orders'],
  rows: 1_000_000,
  entities: 50_000,
  spineRows: 100_000,
  days: 30,
  spineDays: 30,
  hotPercent: 0,
}

const SHAPES: readonly Shape[] = [
  { ...PLAIN, views: ['orders', 'visits'] },
  { ...PLAIN, name: 'hot entity', hotPercent: 20 },
  { ...PLAIN, name: 'one day of a year', days: 365, spineDays: 1, spineRows: 10_000 },
  { ...PLAIN, name: 'three times all', rows: 3_000_000, entities: 150_000, spineRows: 300_000 },
]

function questionsOf(shape: Shape): readonly Question[] {
  const { name, views } = shape
  if (name !== 'plain') return [{ name, shape, views, settlesTies: true }]
  return [
    { name: 'one view', shape, views: ['orders'], settlesTies: true },
    { name: 'one view, Feast without created timestamps', shape, views: ['orders'], settlesTies: false },
    { name: 'two views', shape, views, settlesTies: true },
  ]
}

const quick = (shape: Shape): Shape => ({
  ...shape,
  rows: shape.rows / 100,
  entities: shape.entities / 100,
  spineRows: shape.spineRows / 10,
})

type Findings = Pick<Report, 'figures' | 'comparisons' | 'answers'>

async function measure(question: Question, input: PairsInput): Promise<Findings> {
  process.stderr.write(`${question.name}\n`)
  const { ours, theirs, brokenOff, answer } = await pairs(question, input)
  const named = { name: question.name, unit: 'rows', units: question.shape.spineRows }
  const late = brokenOff ? `; Feast's query was broken off after ${LIMIT_CPU_SECONDS} s of CPU` : ''
  const answers = [`${named.name}: rows, values, checksum ${answer}${late}`]
  if (theirs.length === 0) return { figures: [figure(named, ours)], comparisons: [], answers }
  return {
    figures: [figure(named, ours), figure({ ...named, name: `Feast: ${named.name}` }, theirs)],
    comparisons: [comparison(named.name, ours.slice(0, theirs.length), theirs)],
    answers,
  }
}

export async function trinoBench(options: BenchOptions): Promise<Report> {
  const about = machine()
  const python = options.peer ? await installFeast(options.folder) : null
  const plan = compile(definitions)
  const { close, trino: url, bucket } = await startLane()
  const place = { url, bucket }
  const all: Findings[] = []
  try {
    for (const whole of SHAPES) {
      const shape = options.quick ? quick(whole) : whole
      await fill(place, plan, shape)
      for (const question of questionsOf(shape))
        all.push(await measure(question, { place, plan, python, repeat: options.repeat }))
    }
  } finally {
    await close()
  }
  return {
    machine: about,
    data: 'Rows × 10 features in each view, in Iceberg tables; CPU, peak memory and bytes are as Trino counts them for the query',
    figures: all.flatMap(({ figures }) => figures),
    served: [],
    comparisons: all.flatMap(({ comparisons }) => comparisons),
    answers: all.flatMap(({ answers }) => answers),
  }
}
