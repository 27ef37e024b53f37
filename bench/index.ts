/** `npm run bench`: see options.ts for what can be asked, docs/benchmarks.md for what was found. */
import { join } from 'node:path'
import type { OnlinePlace, StorePlace } from './bench-store.ts'
import { runPhase } from './child.ts'
import { dataId } from './data.ts'
import { startDynamoDbLocal } from './dynamodb-local.ts'
import { broken, faultsBench, faultsText } from './faults/index.ts'
import { type BenchOptions, benchOptions } from './options.ts'
import { type Feast, installFeast } from './peer/feast.ts'
import { reportText } from './print.ts'
import {
  type Comparison,
  comparison,
  type Figure,
  figure,
  machine,
  type Named,
  type Report,
  type ServedFigure,
  servedFigure,
} from './report.ts'
import {
  embeddedRuns,
  ingestRuns,
  QUESTIONS,
  type Runs,
  repeated,
  servedRun,
  serverRuns,
  trainingSetRuns,
} from './runs.ts'
import { servingBench } from './serving/index.ts'
import { servingText } from './serving/report.ts'
import { streamBench } from './stream/index.ts'
import { streamText } from './stream/report.ts'
import { trinoBench } from './trino/index.ts'
import { windowsBench } from './windows/index.ts'
import { windowsText } from './windows/report.ts'

const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** The report as it grows. */
interface Findings {
  readonly figures: Figure[]
  readonly served: ServedFigure[]
  readonly comparisons: Comparison[]
  readonly answers: string[]
}

function note(findings: Findings, named: Named, { ours, theirs, answers }: Runs): void {
  findings.figures.push(figure(named, ours))
  if (theirs.length === 0) return
  findings.figures.push(figure({ ...named, name: `Feast: ${named.name}` }, theirs))
  findings.comparisons.push(comparison(named.name, ours, theirs))
  findings.answers.push(...answers)
}

async function offlinePhases(
  options: BenchOptions,
  place: StorePlace,
  feast: Feast | null,
  findings: Findings,
): Promise<void> {
  const { rows, spineRows } = options.shape
  say('ingest')
  const ingested = await ingestRuns(place, options)
  findings.figures.push(figure({ name: 'ingest, two views', unit: 'rows', units: rows * 2 }, ingested))
  if (!options.phases.includes('training-set')) return
  say('training set')
  const runs = await trainingSetRuns(place, options, feast)
  note(findings, { name: 'training set, two views', unit: 'rows', units: spineRows }, runs)
}

async function materializePhase(
  options: BenchOptions,
  place: StorePlace,
  feast: Feast | null,
  findings: Findings,
): Promise<void> {
  const items = { unit: 'items', units: options.shape.entities }
  if (!options.dynamodbLocal) return
  say('materialize into DynamoDB Local')
  const server = await startDynamoDbLocal(options.folder)
  try {
    const runs = await serverRuns(place, options, server.endpoint, feast)
    note(findings, { name: 'materialize, DynamoDB Local', ...items }, runs)
  } finally {
    await server.close()
  }
}

async function embeddedPhase(options: BenchOptions, place: StorePlace, findings: Findings) {
  say('materialize into the SQLite file')
  const { ours, online } = await embeddedRuns(place, options)
  const named = { name: 'materialize, SQLite file', unit: 'items', units: options.shape.entities }
  findings.figures.push(figure(named, ours))
  return online
}

async function servePhase(options: BenchOptions, online: OnlinePlace, findings: Findings): Promise<void> {
  for (const question of QUESTIONS) {
    say(`serve ${question.keys} entities to ${question.connections} connections`)
    const runs = await repeated(options.repeat, () => servedRun(online, question, options))
    findings.served.push(servedFigure(question, runs))
  }
}

async function bench(options: BenchOptions): Promise<Report> {
  const { folder, shape, phases } = options
  const about = machine()
  const project = join(folder, dataId(shape))
  const place: StorePlace = { project, root: join(project, 'store') }
  say('data')
  await runPhase('generate.ts', { project, shape })
  const feast: Feast | null = options.peer
    ? { python: await installFeast(folder), scratch: join(folder, 'feast'), data: join(project, 'data') }
    : null
  const findings: Findings = { figures: [], served: [], comparisons: [], answers: [] }
  await offlinePhases(options, place, feast, findings)
  if (phases.includes('materialize')) await materializePhase(options, place, feast, findings)
  if (phases.includes('materialize') || phases.includes('serve')) {
    const online = await embeddedPhase(options, place, findings)
    if (phases.includes('serve')) await servePhase(options, online, findings)
  }
  const data = `${shape.rows.toLocaleString('en-US')} rows × 10 features in each of 2 views, ${shape.entities.toLocaleString('en-US')} entities, spine of ${shape.spineRows.toLocaleString('en-US')}; CPU and memory are of the phase’s own process`
  return { machine: about, data, ...findings }
}

const options = benchOptions()

/** Prints what was found. */
async function show<R>(found: Promise<R>, text: (report: R) => string): Promise<R> {
  const report = await found
  process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : text(report)}\n`)
  return report
}

if (options.faults) {
  const report = await show(faultsBench(options), faultsText)
  process.exitCode = broken(report).length === 0 ? 0 : 1
} else if (options.serving) await show(servingBench(options), servingText)
else if (options.stream) await show(streamBench(options), streamText)
else if (options.windows !== null) await show(windowsBench(options), windowsText)
else await show(options.trino ? trinoBench(options) : bench(options), reportText)
