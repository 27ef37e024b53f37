/**
 * The skew check: compares the feature log with a training set for the same entities and instants, value by value. It
 * processes the log in batches, with one point-in-time join each. A response that differs is compared again with the
 * training set as it was before the newest arrivals of its entities.
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
  /** Hides from each response the rows that were created after its instant. @default true */
  readonly asKnown?: boolean
  /**
   * How far a response may lag its entities' arrivals without counting as different, in milliseconds. With 0, or with
   * `asKnown: false`, a lag counts as a difference.
   * @default 5 minutes
   */
  readonly lookBackMs?: number
  /** The maximum number of example differences per feature. @default 3 */
  readonly examples?: number
  /** Responses per point-in-time join. @default 10,000 */
  readonly batchRows?: number
  /** Called with the number of responses compared so far. @default progress is not reported */
  readonly onProgress?: (answers: number) => void
}

export interface SkewReport {
  readonly service: string
  /** Number of compared responses. Each response is for one entity. */
  readonly answers: number
  /** Number of responses in which every value is equal. */
  readonly equal: number
  /**
   * Number of responses that equal the training set as it was before the newest arrivals of their entities. Each view may
   * lag by its own amount. All responses that are neither equal nor behind differ.
   */
  readonly behind: number
  /** How far each view was behind. */
  readonly lags: readonly ViewLag[]
  /** Number of records from plans in which the service has another semantic hash. */
  readonly otherPlans: number
  /** Number of lines that are not records of the service. */
  readonly unreadable: number
  /** In the order of the service. A feature that no record contains is left out. */
  readonly features: readonly FeatureSkew[]
}

/** The columns that a request or spine must have, in the order of the records. */
const requestColumnsOf = ({ joinKeys, request }: ServicePlan): readonly Column[] => [...joinKeys, ...request]

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
    asked: requestColumnsOf(service),
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
  /** The SQL after FROM, by view key. */
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
  await using staged = await stageRecords(world, service, batch)
  const { relation: spine, bounds } = staged.spine
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

/** Stages the records as a numbered spine. */
async function stageRecords(
  world: SkewCheckContext,
  service: ServicePlan,
  batch: readonly LoggedFeatures[],
): Promise<StagedSpine> {
  const { engine, objects } = world
  const points = batch.map(({ asked, instant }, i) => ({ number: i + 1, values: asked, instant }))
  const chunks = loggedSpines(requestColumnsOf(service), points)
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
