/** Finds leaks: feature rows that a spine row would read although the store learned them later. Grouped by view and write. */

import {
  judgeable,
  LEAK_COLUMNS,
  leakingRows,
  leakSummary,
  leakWrites,
} from '../../offline/training-set/leaking-rows.ts'
import { SPINE_ROW } from '../../offline/training-set/point-in-time-join.ts'
import { featuresOf, type ServicePlan } from '../../plan/plan.ts'
import { isSameViewRef, viewRefsRead } from '../../plan/view-refs.ts'
import type { Row } from '../../runtime.ts'
import { arrivalInstant, type Micros } from '../../semantics/point-in-time.ts'
import { quote } from '../../sql/dialect.ts'
import { StoreError } from '../../store-error.ts'
import { piiJoinKeys } from '../tables/pii-columns.ts'
import { openTables, relationsOf } from '../tables/service-tables.ts'
import { viewsOf } from './build-spec.ts'
import { openSpine } from './open-spine.ts'
import { stageSpine } from './stage-spine.ts'
import type { TrainingSetContext } from './training-set.ts'

export interface LeakOptions {
  /** A file or a query. @default the service's own spine */
  readonly spine?: string
  /** The Parquet file to write all leaking rows to. @default no file is written */
  readonly out?: string
}

/** The leaks through one view reference. */
export interface ViewLeaks {
  readonly alias: string
  readonly view: string
  /** The training set's columns that hold leaked values. */
  readonly columns: readonly string[]
  /** Number of spine rows that read a leaked value. */
  readonly rows: number
  /** From the spine's instant to the created timestamp, in milliseconds; null for windows, which have many of them. */
  readonly delayMs: {
    readonly p50: number
    readonly p90: number
    readonly p99: number
    readonly max: number
  } | null
}

/** A batch with leaking rows. */
export interface LeakWrite {
  readonly view: string
  /** When the batch arrived, in microseconds since 1970. */
  readonly arrived: Micros
  readonly rows: number
  /** First and last created timestamp of those rows. */
  readonly created: readonly [Micros, Micros]
}

export interface LeakReport {
  /** Number of spine rows. */
  readonly spineRows: number
  readonly views: readonly ViewLeaks[]
  readonly writes: readonly LeakWrite[]
  /** The first leaking rows in spine order, without PII join keys. Columns: lib/offline/training-set/leaking-rows.ts. */
  readonly examples: readonly Row[]
  /** Views that cannot be checked, because their source has no created timestamp. */
  readonly unjudged: readonly string[]
}

const EXAMPLES = 5

/** @throws {StoreError} as `buildTrainingSet` */
export async function findLeaks(
  world: TrainingSetContext,
  service: ServicePlan,
  { spine, out }: LeakOptions = {},
): Promise<LeakReport> {
  const { engine, objects, plan } = world
  const uses = judgeable(plan, service)
  if (uses.length === 0)
    throw new StoreError(
      'bad-argument',
      `no view of service '${service.name}' can be judged: their sources do not say when a row was known; name a createdTimestamp in them`,
    )
  const unjudged = [
    ...new Set(
      viewRefsRead(service)
        .filter(use => !uses.some(judged => isSameViewRef(judged, use)))
        .map(use => use.view),
    ),
  ]
  const open = await openSpine(
    world,
    service,
    spine === undefined ? { kind: 'own' } : { kind: 'given', spine },
  )
  const { views } = plan
  await using staged = await stageSpine(world, open, {
    services: [service],
    fullNames: false,
    split: null,
    views,
  })
  const tables = await openTables(world, viewsOf(plan, [service]))
  const [counted = {}] = await engine.rows(`select count(*) as n from ${staged.spine.relation} s`)
  const spineRows = Number(counted['n'])
  const sql = leakingRows(
    {
      dialect: engine.dialect,
      plan,
      service,
      spine: staged.spine.relation,
      spineColumns: [],
      tables: relationsOf(tables),
      bounds: staged.spine.bounds,
    },
    uses,
  )
  const path = out ?? objects.scratch('leaks.parquet')
  try {
    if (out !== undefined) await objects.remove(out)
    await engine.unload(sql, path)
    return { spineRows, unjudged, ...(await summarize(world, service, engine.files([path], 'parquet'))) }
  } finally {
    if (out === undefined) await objects.remove(path)
  }
}

async function summarize({ engine, plan }: TrainingSetContext, service: ServicePlan, leaks: string) {
  const summary = await engine.rows(leakSummary(leaks))
  const writes = await engine.rows(leakWrites(leaks))
  const hidden = piiJoinKeys(plan, service)
  const shown = [
    SPINE_ROW,
    ...service.joinKeys.map(key => key.name).filter(name => !hidden.has(name)),
    'event_timestamp',
    ...LEAK_COLUMNS.map(c => c.name),
  ]
  const examples = await engine.rows(
    `select ${shown.map(quote).join(', ')} from ${leaks} t order by ${SPINE_ROW}, alias limit ${EXAMPLES}`,
  )
  return {
    views: summary.map(row => viewLeaks(service, row)).sort((a, b) => b.rows - a.rows),
    writes: writes.map(leakWrite).sort((a, b) => b.rows - a.rows),
    examples,
  }
}

/** The columns of a view reference, and the derived columns that are computed from them. */
function columnsOf(service: ServicePlan, alias: string): readonly string[] {
  const uses = viewRefsRead(service).filter(use => use.alias === alias)
  const held = new Set(uses.flatMap(use => use.features.map(({ fullName }) => fullName)))
  for (const { fullName, from } of service.derived)
    if (from.some(({ name }) => held.has(name))) held.add(fullName)
  return featuresOf(service)
    .filter(({ fullName }) => held.has(fullName))
    .map(({ name }) => name)
}

const viewLeaks = (service: ServicePlan, row: Row): ViewLeaks => ({
  alias: String(row['alias']),
  view: String(row['view']),
  columns: columnsOf(service, String(row['alias'])),
  rows: Number(row['leaks']),
  delayMs:
    typeof row['max_ms'] !== 'bigint' && typeof row['max_ms'] !== 'number'
      ? null
      : {
          p50: Number(row['p50_ms']),
          p90: Number(row['p90_ms']),
          p99: Number(row['p99_ms']),
          max: Number(row['max_ms']),
        },
})

const leakWrite = (row: Row): LeakWrite => ({
  view: String(row['view']),
  arrived: arrivalInstant(String(row['arrival'])),
  rows: Number(row['leaks']),
  created: [row['first'] as bigint, row['last'] as bigint],
})
