/**
 * Replay: recorded answers beside what a training set holds for the same entities and instants, value by value. The
 * records pass in batches, each through one point-in-time join. Answers that differ are compared again with what a
 * training set held before their entities' newest arrivals.
 */

import { loggedSpines } from '../../offline/training-set/logged-spine.ts'
import { pointInTimeJoin, SPINE_ROW } from '../../offline/training-set/point-in-time-join.ts'
import { featureLogReader, type LoggedFeatures } from '../../online/feature-log/logged-features.ts'
import { type Column, featuresOf, type ServicePlan } from '../../plan/plan.ts'
import { serviceSemanticHash } from '../../plan/service-meaning.ts'
import type { FeatureLogReader } from '../../runtime.ts'
import { unloadedRows } from '../ingest/unloaded-rows.ts'
import { piiJoinKeys, piiOfSpine } from '../tables/pii-columns.ts'
import { openTables, relationsOf } from '../tables/service-tables.ts'
import { viewsOf } from '../training-set/build-spec.ts'
import { type StagedSpine, stageSpine } from '../training-set/stage-spine.ts'
import type { TrainingSetContext } from '../training-set/training-set.ts'
import { type Comparison, comparison, type FeatureSkew } from './compare-logged.ts'
import { findLags, type Lag } from './find-lags.ts'
import type { DifferingAnswer } from './match-states.ts'
import { type ViewLag, type ViewLags, viewLags } from './view-lags.ts'

export interface SkewCheckContext extends TrainingSetContext {
  readonly records: FeatureLogReader
}

export interface SkewCheckOptions {
  /** Hides, for each answer, rows created after its instant. @default true */
  readonly asKnown?: boolean
  /**
   * How far an answer may be behind its entities' arrivals and be no difference, in milliseconds; 0: not at all. With
   * hindsight (`asKnown: false`) nothing is behind.
   * @default 5 minutes
   */
  readonly lookBackMs?: number
  /** Differences that are shown of each feature. @default 3 */
  readonly examples?: number
  /** Answers that go through one join. @default 10,000 */
  readonly batchRows?: number
  /** Hears how many answers are compared. @default nobody does */
  readonly onProgress?: (answers: number) => void
}

export interface SkewReport {
  readonly service: string
  /** Answers, each for one entity, that were compared. */
  readonly answers: number
  /** Of those, answers of which every value is equal. */
  readonly equal: number
  /**
   * Of the others, answers that are what a training set held before the newest arrivals of their entities, view by view.
   * All that are left differ.
   */
  readonly behind: number
  /** How far views were behind. */
  readonly lags: readonly ViewLag[]
  /** Records of plans under which the service meant something else. */
  readonly otherPlans: number
  /** Lines that are no records of the service. */
  readonly unreadable: number
  /** In the order of the service; those that no record has are not there. */
  readonly features: readonly FeatureSkew[]
}

/** What a request or spine must have, in the order of records. */
const askedOf = ({ joinKeys, request }: ServicePlan): readonly Column[] => [...joinKeys, ...request]

const BATCH_ROWS = 10_000
const EXAMPLES = 3
const LOOK_BACK_MS = 300_000

/** @throws {StoreError} as `buildTrainingSet` */
export async function checkSkew(
  world: SkewCheckContext,
  service: ServicePlan,
  {
    asKnown = true,
    examples = EXAMPLES,
    batchRows = BATCH_ROWS,
    onProgress,
    ...options
  }: SkewCheckOptions = {},
): Promise<SkewReport> {
  const [keys, isPii] = [piiJoinKeys(world.plan, service), piiOfSpine(world.plan, service)]
  const compared = comparison(featuresOf(service), {
    asked: askedOf(service),
    hidden: column => keys.has(column) || isPii(column),
    mostExamples: examples,
  })
  const lags = viewLags()
  const tables = relationsOf(await openTables(world, viewsOf(world.plan, [service])))
  const lookBackMs = asKnown ? (options.lookBackMs ?? LOOK_BACK_MS) : 0
  const left = { otherPlans: 0, unreadable: 0 }
  let answers = 0
  for await (const batch of batches(world, service, batchRows, left)) {
    await compareBatch(world, service, { batch, tables, compared, lags, asKnown, lookBackMs })
    answers += batch.length
    onProgress?.(answers)
  }
  return { service: service.name, answers, ...left, ...compared.report(), lags: lags.report() }
}

async function* batches(
  { plan, records }: SkewCheckContext,
  service: ServicePlan,
  batchRows: number,
  left: { otherPlans: number; unreadable: number },
): AsyncGenerator<readonly LoggedFeatures[]> {
  const read = featureLogReader(service)
  const meaning = serviceSemanticHash(plan, service)
  let batch: LoggedFeatures[] = []
  for await (const line of records.read(service.name)) {
    const record = read(line)
    if (record === null) left.unreadable++
    else if (record.service !== service.name) continue
    else if (record.plan !== plan.hash && record.meaning !== meaning) left.otherPlans++
    else batch.push(record)
    if (batch.length < batchRows) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

interface Batch {
  readonly batch: readonly LoggedFeatures[]
  /** SQL that stands after FROM, for each view. */
  readonly tables: Readonly<Record<string, string>>
  readonly compared: Comparison
  readonly lags: ViewLags
  readonly asKnown: boolean
  readonly lookBackMs: number
}

async function compareBatch(
  world: SkewCheckContext,
  service: ServicePlan,
  { batch, tables, compared, lags, asKnown, lookBackMs }: Batch,
): Promise<void> {
  await using laid = await laidRecords(world, service, batch)
  const { relation: spine, bounds } = laid.spine
  const sql = pointInTimeJoin({
    dialect: world.engine.dialect,
    plan: world.plan,
    service,
    spine,
    spineColumns: [SPINE_ROW],
    tables,
    bounds,
    asKnown,
  })
  const answers: DifferingAnswer[] = []
  for await (const row of unloadedRows(world, sql, 'replayed.parquet')) {
    const number = Number(row[SPINE_ROW])
    const record = recordOf(batch, number)
    const differing = compared.differing(record, row)
    if (differing.size === 0) compared.add(record, row)
    else answers.push({ number, record, row, differing })
  }
  const found =
    lookBackMs === 0 || answers.length === 0
      ? new Map<number, Lag>()
      : await findLags(world, service, { spine, bounds, tables, lookBackMs, answers })
  for (const { number, record, row } of answers) {
    const lag = found.get(number)
    compared.add(record, row, lag?.features)
    for (const [view, lagMs] of lag?.lagMs ?? []) lags.add(view, lagMs)
  }
}

/** Rows are numbered from 1. */
function recordOf(batch: readonly LoggedFeatures[], number: number): LoggedFeatures {
  const record = batch[number - 1]
  if (record === undefined) throw new Error(`the join has a row ${number} of ${batch.length}`)
  return record
}

/** The records as a spine. */
async function laidRecords(
  world: SkewCheckContext,
  service: ServicePlan,
  batch: readonly LoggedFeatures[],
): Promise<StagedSpine> {
  const { engine, objects } = world
  const points = batch.map(({ asked, instant }, i) => ({ number: i + 1, values: asked, instant }))
  const chunks = loggedSpines(askedOf(service), points)
  const files = chunks.map(sql => ({ sql, path: objects.scratch('recorded.parquet') }))
  try {
    for (const { sql, path } of files) await engine.unload(sql, path, { compression: 'snappy' })
    const relation = engine.files(
      files.map(file => file.path),
      'parquet',
    )
    const open = { relation, label: `recorded answers of service '${service.name}'` }
    const options = { services: [service], fullNames: false, split: null, isNumbered: true } as const
    return await stageSpine(world, open, options)
  } finally {
    for (const file of files) await objects.remove(file.path)
  }
}
