/**
 * Replay: recorded answers beside what a training set holds for the same entities and instants, value by value. The
 * records pass in batches, each through one point-in-time join.
 */
import { type Column, featuresOf, type ServicePlan } from '../compiler/plan.ts'
import { serviceMeaning } from '../compiler/service-meaning.ts'
import { pointInTimeJoin, SPINE_ROW } from '../offline/point-in-time-join.ts'
import { recordedSpines } from '../offline/recorded-spine.ts'
import { type RecordedAnswer, recordReader } from '../online/recorded-answer.ts'
import type { DataFile, RecordedLines } from '../runtime.ts'
import { type Comparison, comparison, type FeatureReplay } from './compare-recorded.ts'
import { layDown } from './lay-spine.ts'
import { piiJoinKeys, piiOfSpine } from './pii-columns.ts'
import { rawRows } from './read-rows.ts'
import { openTables, relationsOf } from './service-tables.ts'
import type { TrainingSetWorld } from './training-set.ts'
import { viewsOf } from './training-set-recipe.ts'

export interface ReplayWorld extends TrainingSetWorld {
  readonly records: RecordedLines
}

export interface ReplayOptions {
  /** Hides, for each answer, rows created after its instant. @default true */
  readonly asKnown?: boolean
  /** Differences that are shown of each feature. @default 3 */
  readonly examples?: number
  /** Answers that go through one join. @default 10,000 */
  readonly batchRows?: number
  /** Hears how many answers are compared. @default nobody does */
  readonly onProgress?: (answers: number) => void
}

export interface ReplayReport {
  readonly service: string
  /** Answers, each for one entity, that were compared. */
  readonly answers: number
  /** Of those, answers of which every value is equal. */
  readonly equal: number
  /** Records of plans under which the service meant something else. */
  readonly otherPlans: number
  /** Lines that are no records of the service. */
  readonly unreadable: number
  /** In the order of the service; those that no record has are not there. */
  readonly features: readonly FeatureReplay[]
}

/** What a request or spine must have, in the order of records. */
const askedOf = ({ joinKeys, request }: ServicePlan): readonly Column[] => [...joinKeys, ...request]

const BATCH_ROWS = 10_000
const EXAMPLES = 3

/** @throws {StoreError} as `buildTrainingSet` */
export async function replay(
  world: ReplayWorld,
  service: ServicePlan,
  { asKnown = true, examples = EXAMPLES, batchRows = BATCH_ROWS, onProgress }: ReplayOptions = {},
): Promise<ReplayReport> {
  const [keys, isPii] = [piiJoinKeys(world.plan, service), piiOfSpine(world.plan, service)]
  const compared = comparison(featuresOf(service), {
    asked: askedOf(service),
    hidden: column => keys.has(column) || isPii(column),
    mostExamples: examples,
  })
  const tables = relationsOf(await openTables(world, viewsOf(world.plan, [service])))
  const left = { otherPlans: 0, unreadable: 0 }
  let answers = 0
  for await (const batch of batches(world, service, batchRows, left)) {
    await compareBatch(world, service, { batch, tables, compared, asKnown })
    answers += batch.length
    onProgress?.(answers)
  }
  return { service: service.name, answers, ...left, ...compared.report() }
}

async function* batches(
  { plan, records }: ReplayWorld,
  service: ServicePlan,
  batchRows: number,
  left: { otherPlans: number; unreadable: number },
): AsyncGenerator<readonly RecordedAnswer[]> {
  const read = recordReader(service)
  const meaning = serviceMeaning(plan, service)
  let batch: RecordedAnswer[] = []
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
  readonly batch: readonly RecordedAnswer[]
  /** SQL that stands after FROM, for each view. */
  readonly tables: Readonly<Record<string, string>>
  readonly compared: Comparison
  readonly asKnown: boolean
}

async function compareBatch(
  world: ReplayWorld,
  service: ServicePlan,
  { compared, ...joining }: Batch,
): Promise<void> {
  const { objects } = world
  const { batch } = joining
  const path = objects.scratch('replayed.parquet')
  try {
    const file = await joined(world, service, { ...joining, path })
    for (const { path, rows } of file.parts ?? [file])
      for await (const part of rawRows(await objects.open(path), { from: 0, to: rows }))
        for (const row of part) compared.add(recordOf(batch, row[SPINE_ROW]), row)
  } finally {
    await objects.remove(path)
  }
}

/** Rows are numbered from 1. */
function recordOf(batch: readonly RecordedAnswer[], number: unknown): RecordedAnswer {
  const record = batch[Number(number) - 1]
  if (record === undefined) throw new Error(`the join has a row ${number} of ${batch.length}`)
  return record
}

interface Joined extends Omit<Batch, 'compared'> {
  readonly path: string
}

/** What a training set holds for the records, as a file of numbered rows. */
async function joined(
  world: ReplayWorld,
  service: ServicePlan,
  { batch, tables, asKnown, path }: Joined,
): Promise<DataFile> {
  const { engine, objects, plan } = world
  const points = batch.map(({ asked, instant }, i) => ({ number: i + 1, values: asked, instant }))
  const chunks = recordedSpines(askedOf(service), points)
  const files = chunks.map(sql => ({ sql, path: objects.scratch('recorded.parquet') }))
  try {
    for (const { sql, path } of files) await engine.unload(sql, path, { compression: 'snappy' })
    const relation = engine.files(
      files.map(file => file.path),
      'parquet',
    )
    const open = { relation, label: `recorded answers of service '${service.name}'` }
    const options = { services: [service], fullNames: false, split: null, isNumbered: true } as const
    await using laid = await layDown(world, open, options)
    const sql = pointInTimeJoin({
      dialect: engine.dialect,
      plan,
      service,
      spine: laid.spine.relation,
      spineColumns: [SPINE_ROW],
      tables,
      bounds: laid.spine.bounds,
      asKnown,
    })
    return await engine.unload(sql, path, { compression: 'snappy' })
  } finally {
    for (const file of files) await objects.remove(file.path)
  }
}
