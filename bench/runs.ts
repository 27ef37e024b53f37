/** Repeats the phases: their order and their stores. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { compareSamples, judgeTrainingSets } from './answers.ts'
import type { OnlinePlace, StorePlace } from './bench-store.ts'
import { runPhase, startChild } from './child.ts'
import { VIEWS, type ViewName } from './data.ts'
import { SERVICE } from './definitions.ts'
import type { BenchOptions } from './options.ts'
import { type Feast, type FeastResult, feastMaterialize, feastTrainingSet } from './peer/feast.ts'
import type { Cost } from './phase.ts'
import type { CompareResult } from './phases/compare.ts'
import type { IngestResult } from './phases/ingest.ts'
import type { LoadResult } from './phases/load.ts'
import type { MaterializeResult } from './phases/materialize.ts'
import type { ServeReady } from './phases/serve.ts'
import type { TrainingSetResult } from './phases/training-set.ts'
import type { ServedRun } from './report.ts'

/** Runs quern, then the peer if there is one. */
export interface Runs {
  readonly ours: readonly Cost[]
  readonly theirs: readonly Cost[]
  readonly answers: readonly string[]
}

/** Prints each run's result at once, so that an aborted bench keeps its results. */
export const told = <T extends Cost>(who: string, cost: T): T => {
  const { seconds, cpuSeconds, peakBytes } = cost
  const parts = [
    `${seconds.toFixed(2)} s`,
    `CPU ${cpuSeconds.toFixed(2)} s`,
    `${(peakBytes / 1e6).toFixed(0)} MB`,
  ]
  process.stderr.write(`  ${who}: ${parts.join(', ')}\n`)
  return cost
}

export const repeated = async <T>(times: number, run: (i: number) => Promise<T>): Promise<T[]> => {
  const results: T[] = []
  for (let i = 0; i < times; i++) results.push(await run(i))
  return results
}

const whole = <T extends Cost & { readonly rows: number }>(result: T, rows: number): T => {
  if (result.rows !== rows) throw new Error(`${result.rows} rows came out where ${rows} were due`)
  return told('quern', result)
}

/** Each run creates a new store; the last store is kept. */
export const ingestRuns = (place: StorePlace, { shape, repeat }: BenchOptions): Promise<readonly Cost[]> =>
  repeated(repeat, async () => {
    await rm(place.root, { recursive: true, force: true })
    return whole(await runPhase<IngestResult>('ingest.ts', place), shape.rows * VIEWS.length)
  })

export async function trainingSetRuns(
  place: StorePlace,
  { shape, repeat }: BenchOptions,
  feast: Feast | null,
): Promise<Runs> {
  const [out, theirOut] = [join(place.root, 'training-set.parquet'), join(place.root, 'peer.parquet')]
  const ours: Cost[] = []
  const theirs: Cost[] = []
  for (let i = 0; i < repeat; i++) {
    for (const file of [out, `${out}.manifest.json`, theirOut]) await rm(file, { force: true })
    ours.push(whole(await runPhase<TrainingSetResult>('training-set.ts', { ...place, out }), shape.spineRows))
    if (feast !== null) theirs.push(told('Feast', await feastTrainingSet(feast, theirOut)))
  }
  if (feast === null) return { ours, theirs, answers: [] }
  const compared = { ours: out, theirs: theirOut, scratch: join(place.root, 'scratch') }
  return {
    ours,
    theirs,
    answers: [judgeTrainingSets(await runPhase<CompareResult>('compare.ts', compared))],
  }
}

const VIEW: ViewName = 'orders'
const SAMPLE = 200

const sampleKeys = (entities: number): readonly number[] =>
  Array.from({ length: SAMPLE }, (_, i) => (i * 7_919) % entities)

const materialized = (place: StorePlace, online: OnlinePlace, view: ViewName, sample: readonly number[]) =>
  runPhase<MaterializeResult>('materialize.ts', { ...place, online, view, sample })

/** Creates a new store for each run. The last one is kept with all views, to serve from. */
export async function embeddedRuns(
  place: StorePlace,
  { shape, repeat }: BenchOptions,
): Promise<{ readonly ours: readonly Cost[]; readonly online: OnlinePlace }> {
  const online: OnlinePlace = { kind: 'embedded', path: join(place.root, 'online') }
  const ours = await repeated(repeat, async () => {
    await rm(online.path, { recursive: true, force: true })
    return whole(await materialized(place, online, VIEW, [0]), shape.entities)
  })
  for (const view of VIEWS) if (view !== VIEW) await materialized(place, online, view, [0])
  return { ours, online }
}

/** Writes into one server, alternating with the peer. The first round warms the server and is discarded. */
export async function serverRuns(
  place: StorePlace,
  { shape, repeat, peerDefaults }: BenchOptions,
  endpoint: string,
  feast: Feast | null,
): Promise<Runs> {
  const sample = sampleKeys(shape.entities)
  const one = async (i: number): Promise<MaterializeResult> => {
    const table = `quern-${process.pid}-${i}`
    return whole(await materialized(place, { kind: 'server', endpoint, table }, VIEW, sample), shape.entities)
  }
  const other = async (): Promise<FeastResult | null> =>
    feast &&
    told('Feast', await feastMaterialize(feast, { endpoint, view: VIEW, sample, tuned: !peerDefaults }))
  const rounds = await repeated(repeat + 1, async i => ({ mine: await one(i), peer: await other() }))
  const answers = rounds.flatMap(({ mine, peer }): string[] => {
    const theirs = peer?.sample
    return theirs ? [compareSamples(mine.sample, theirs)] : []
  })
  const kept = rounds.slice(1)
  return {
    ours: kept.map(({ mine }) => mine),
    theirs: kept.flatMap(({ peer }) => (peer === null ? [] : [peer])),
    answers: answers.slice(0, 1),
  }
}

export interface Question {
  /** Entities in a request. */
  readonly keys: number
  readonly connections: number
}

export const QUESTIONS: readonly Question[] = [
  { keys: 1, connections: 1 },
  { keys: 1, connections: 10 },
  { keys: 100, connections: 1 },
  { keys: 100, connections: 10 },
]

/** Starts a new server for each run. */
export async function servedRun(
  online: OnlinePlace,
  question: Question,
  { shape, loadSeconds }: BenchOptions,
): Promise<ServedRun> {
  const server = startChild('serve.ts', { online })
  try {
    const { url } = await server.next<ServeReady>()
    const load = await runPhase<LoadResult>('load.ts', {
      ...question,
      url,
      ask: { feature_service: SERVICE },
      features: 20,
      entities: shape.entities,
      seconds: loadSeconds,
    })
    if (load.failed > 0) throw new Error(`${load.failed} of ${load.answered} requests failed`)
    server.send({ end: true })
    const cost = await server.next<Cost>()
    await server.ended()
    return { load, cost }
  } finally {
    server.kill()
  }
}
