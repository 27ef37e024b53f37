/** Builds a training set: spine → point-in-time join → one Parquet file with a manifest beside it. */
import { contentHash } from '../compiler/canonical.ts'
import { type ServicePlan, viewOf } from '../compiler/plan.ts'
import { pointInTimeJoin } from '../offline/point-in-time-join.ts'
import type { Micros } from '../point-in-time.ts'
import type { Clock, DataFile, ObjectStore, OfflineEngine, TableVersion } from '../runtime.ts'
import type { OriginWorld } from './open-origin.ts'
import { type OpenSpine, openSpine } from './open-spine.ts'
import { type PreparedSpine, prepareSpine } from './prepare-spine.ts'
import { describeColumns, type Manifest, manifestText, parseManifest } from './training-set-manifest.ts'

export interface TrainingSetWorld extends OriginWorld {
  readonly engine: OfflineEngine
  readonly objects: ObjectStore
  readonly clock: Clock
}

export interface TrainingSetOptions {
  /** A file or a query, see {@link openSpine}. @default the service's own spine */
  readonly spine?: string
  /** Hides rows created later, in microseconds since 1970. @default nothing is hidden */
  readonly asOf?: Micros
  /** Hides, for each spine row, rows created after it. @default false */
  readonly asKnown?: boolean
  /** Names every feature `view__feature`. @default false: only where names clash */
  readonly fullNames?: boolean
  /** Keeps the spine's order. @default true */
  readonly ordered?: boolean
  /** The Parquet file to write; its manifest is `<out>.manifest.json`. @default a path made of the training set's id */
  readonly out?: string
}

export interface TrainingSet {
  readonly manifest: Manifest
  readonly path: string
  readonly manifestPath: string
  /** It stood there already: same service, spine, tables and options. */
  readonly reused: boolean
}

/** What a training set depends on, and all that it depends on. */
interface Ingredients {
  readonly service: ServicePlan
  readonly spine: OpenSpine
  readonly tables: Readonly<Record<string, TableVersion>>
  readonly options: Required<Pick<TrainingSetOptions, 'asKnown' | 'fullNames' | 'ordered'>> & {
    readonly asOf: Micros | null
  }
}

/** @throws {StoreError} `bad-argument`, `spine-misfit`, `source-missing` */
export async function buildTrainingSet(
  world: TrainingSetWorld,
  service: ServicePlan,
  options: TrainingSetOptions = {},
): Promise<TrainingSet> {
  const ingredients = await gather(world, service, options)
  const id = idOf(world, ingredients)
  const path =
    options.out ?? world.objects.path('training-sets', service.name, id.slice(0, 16), 'data.parquet')
  const manifestPath =
    options.out === undefined ? path.replace(/data\.parquet$/, 'manifest.json') : `${path}.manifest.json`
  const standing =
    ingredients.spine.fingerprint === null ? null : await standingSet(world, { id, path, manifestPath })
  if (standing !== null) return { manifest: standing, path, manifestPath, reused: true }
  return {
    manifest: await build(world, ingredients, { id, path, manifestPath }),
    path,
    manifestPath,
    reused: false,
  }
}

/** The manifest of a set that is there whole and is the one that is asked for. */
async function standingSet(
  { objects }: TrainingSetWorld,
  { id, path, manifestPath }: Place,
): Promise<Manifest | null> {
  const text = await objects.readText(manifestPath)
  const manifest = text === null ? null : parseManifest(text)
  if (manifest?.id !== id) return null
  const bytes = await objects.open(path).then(
    data => data.byteLength,
    () => null,
  )
  return bytes === manifest.bytes ? manifest : null
}

async function gather(
  world: TrainingSetWorld,
  service: ServicePlan,
  options: TrainingSetOptions,
): Promise<Ingredients> {
  const views = [...new Set(service.uses.map(use => use.view))]
  const tables = await Promise.all(
    views.map(async key => [key, await world.offline.table(viewOf(world.plan, key))] as const),
  )
  return {
    service,
    spine: await openSpine(world, service, options.spine ?? null),
    tables: Object.fromEntries(tables),
    options: {
      asOf: options.asOf ?? null,
      asKnown: options.asKnown ?? false,
      fullNames: options.fullNames ?? false,
      ordered: options.ordered ?? true,
    },
  }
}

/** Of the SQL that makes training sets; changes when the same ingredients would make another set. */
const GENERATOR = 1

const idOf = (world: TrainingSetWorld, { service, spine, tables, options }: Ingredients): string =>
  contentHash({
    service,
    generator: GENERATOR,
    views: Object.entries(tables).map(([key, table]) => {
      const { meaning, ttlMs } = viewOf(world.plan, key)
      return { key, meaning, ttlMs, table: table.id, sequence: table.sequence }
    }),
    spine: spine.fingerprint ?? String(world.clock.now()),
    options: { ...options, asOf: options.asOf?.toString() ?? null },
    engine: world.engine.dialect.name,
  })

interface Place {
  readonly id: string
  readonly path: string
  readonly manifestPath: string
}

async function build(world: TrainingSetWorld, ingredients: Ingredients, place: Place): Promise<Manifest> {
  const { engine, objects } = world
  const scratch = objects.scratch('spine.parquet')
  try {
    const spine = await prepareSpine(engine, ingredients.service, ingredients.spine, {
      scratch,
      fullNames: ingredients.options.fullNames,
    })
    const sql = joinOf(world, ingredients, spine)
    // The manifest goes first: data without one is nobody's.
    await objects.remove(place.manifestPath)
    await objects.remove(place.path)
    const file = await engine.unload(sql, place.path)
    const manifest = await manifestOf(world, ingredients, { ...place, spine, sql, file })
    await objects.writeText(place.manifestPath, manifestText(manifest))
    return manifest
  } finally {
    await objects.remove(scratch)
  }
}

const joinOf = (
  world: TrainingSetWorld,
  { service, tables, options }: Ingredients,
  spine: PreparedSpine,
): string =>
  pointInTimeJoin({
    dialect: world.engine.dialect,
    plan: world.plan,
    service,
    spine: spine.relation,
    spineColumns: spine.columns.map(column => column.name),
    tables: Object.fromEntries(Object.entries(tables).map(([key, table]) => [key, table.relation])),
    bounds: spine.bounds,
    ...options,
  })

interface Built extends Place {
  readonly spine: PreparedSpine
  readonly sql: string
  readonly file: DataFile
}

async function manifestOf(
  { plan, engine, clock }: TrainingSetWorld,
  { service, spine: source, tables, options }: Ingredients,
  { id, path, spine, sql, file }: Built,
): Promise<Manifest> {
  return {
    id,
    service: service.name,
    plan: plan.hash,
    made: new Date(clock.now()).toISOString(),
    engine: engine.dialect.name,
    rows: file.rows,
    bytes: file.bytes,
    columns: await describeColumns(engine, {
      service,
      spine: spine.columns,
      path,
      fullNames: options.fullNames,
    }),
    spine: { source: source.label, fingerprint: source.fingerprint, ...spine.range },
    tables: Object.fromEntries(Object.entries(tables).map(([key, { sequence }]) => [key, sequence])),
    options: { ...options, asOf: options.asOf?.toString() ?? null },
    sql,
  }
}
