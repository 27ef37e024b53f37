/** Builds a training set: spine → point-in-time join → Parquet, with a manifest from which it can be rebuilt. */

import type { Range } from '../../offline/training-set/range-spine.ts'
import type { Split } from '../../offline/training-set/split.ts'
import { featuresOf, type ServicePlan } from '../../plan/plan.ts'
import type { Clock, ObjectStore, OfflineEngine, TableVersion } from '../../runtime.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { StoreError } from '../../store-error.ts'
import type { OriginContext } from '../tables/open-origin.ts'
import { piiOfSpine } from '../tables/pii-columns.ts'
import { openTables } from '../tables/service-tables.ts'
import { buildFromSpec, fileStatus } from './build-from-spec.ts'
import { type BuildSpec, buildSpecId, servicesOf, stateOf, viewsOf } from './build-spec.ts'
import { openAnySpine, stageSpine } from './stage-spine.ts'
import { buildSpecColumns, describeColumns } from './training-set-columns.ts'
import {
  keepBeside,
  type Manifest,
  manifestPathOf,
  readManifest,
  type SpineOrigin,
  writeManifest,
} from './training-set-manifest.ts'

export interface TrainingSetContext extends OriginContext {
  readonly engine: OfflineEngine
  readonly objects: ObjectStore
  readonly clock: Clock
  /** The builder's identity: a user's name, or a role's ARN. */
  readonly principal: string
}

export interface TrainingSetOptions {
  /** A file or a query, see {@link openSpine}. @default the service's own spine */
  readonly spine?: string
  /** Instead of a spine: all rows of the service between two instants, see {@link rangeSpine}. */
  readonly range?: Range
  /** Hides rows created after this instant, in microseconds since 1970. @default no row is hidden */
  readonly asOf?: Micros
  /** Hides from each spine row the rows created after its event timestamp. @default false */
  readonly asKnown?: boolean
  /** Names every feature `view__feature`. @default false: only features whose names clash */
  readonly fullNames?: boolean
  /** Adds the column `split`. @default no such column */
  readonly split?: Split
  /** A service whose features are the labels: their newest values in a window after each spine row. @default spine labels */
  readonly labels?: { readonly service: ServicePlan; readonly windowMs: number }
  /** The Parquet file to write; its manifest is `<out>.manifest.json`. @default a path with the training set's id */
  readonly out?: string
}

export interface TrainingSet {
  readonly manifest: Manifest
  readonly path: string
  readonly manifestPath: string
  /** Whether an existing training set was reused: same service, spine, tables and options. */
  readonly reused: boolean
}

/** @throws {StoreError} `bad-argument`, `spine-misfit`, `source-missing` */
export async function buildTrainingSet(
  world: TrainingSetContext,
  service: ServicePlan,
  options: TrainingSetOptions = {},
): Promise<TrainingSet> {
  const { engine, objects, clock } = world
  const { tables, recipe } = await gather(world, service, options)
  const origin = originOf(options)
  const open = await openAnySpine(world, service, origin, { tables, asOf: recipe.options.asOf })
  await using staged = await stageSpine(world, open, {
    services: servicesOf(recipe),
    views: recipe.views,
    ...recipe.options,
  })
  const { columns, content, range } = staged.spine
  const id = buildSpecId(engine.dialect, recipe, content)
  const path = options.out ?? objects.path('training-sets', service.name, id.slice(0, 16), 'data.parquet')
  const manifestPath = manifestPathOf(path)
  const existing = await readManifest(objects, id)
  if (existing?.path === path && (await fileStatus(world, existing)) === 'intact') {
    await keepBeside(objects, existing)
    return { manifest: existing, path, manifestPath, reused: true }
  }
  // The manifest is removed first: data without a manifest belongs to no training set.
  await objects.remove(manifestPath)
  await objects.remove(path)
  const built = await buildFromSpec(world, { recipe, spine: staged.spine, tables, path })
  const manifest: Manifest = {
    format: 2,
    id,
    service: service.name,
    plan: world.plan.hash,
    made: new Date(clock.now()).toISOString(),
    made_by: world.principal,
    engine: engine.dialect.name,
    path,
    ...built,
    columns: await describeColumns(
      engine,
      buildSpecColumns(engine, recipe, columns, piiOfSpine(world.plan, service)),
      engine.files([path], 'parquet'),
    ),
    spine: { source: open.label, origin, content, ...range },
    recipe,
  }
  await writeManifest(objects, manifest)
  return { manifest, path, manifestPath, reused: false }
}

async function gather(world: TrainingSetContext, service: ServicePlan, options: TrainingSetOptions) {
  const labels = options.labels ?? null
  if (labels !== null) refuseDerivedLabels(labels.service)
  refuseSharedNames(service, labels?.service ?? null, options.fullNames ?? false)
  const views = viewsOf(world.plan, servicesOf({ service, labels }))
  const tables = await openTables(world, views)
  const recipe: BuildSpec = {
    service,
    labels:
      labels === null ? null : { ...labels, reached: reached(labels.service, tables, options.asOf ?? null) },
    views,
    tables: Object.fromEntries(Object.entries(tables).map(([key, table]) => [key, stateOf(table)])),
    options: {
      asOf: options.asOf ?? null,
      asKnown: options.asKnown ?? false,
      fullNames: options.fullNames ?? false,
      split: options.split ?? null,
    },
  }
  return { recipe, tables }
}

/** Derived features cannot be labels. A label is the value of one row in the label window. */
function refuseDerivedLabels({ name, derived }: ServicePlan): void {
  if (derived.length > 0)
    throw new StoreError(
      'bad-argument',
      `service '${name}' has derived features (${derived.map(one => one.name).join(', ')}), which cannot be labels; name a service without them`,
    )
}

function refuseSharedNames(service: ServicePlan, labels: ServicePlan | null, fullNames: boolean): void {
  if (labels === null) return
  const names = (of: ServicePlan) => featuresOf(of).map(f => (fullNames ? f.fullName : f.name))
  const shared = names(labels).filter(name => names(service).includes(name))
  if (shared.length > 0)
    throw new StoreError(
      'bad-argument',
      `labels of service '${labels.name}' and features of service '${service.name}' share the names ${shared.join(', ')}; rename them in a service, or ask for full feature names`,
    )
}

/** The instant up to which all views of the labels have rows; null: a view has no rows. */
function reached(
  labels: ServicePlan,
  tables: Readonly<Record<string, TableVersion>>,
  asOf: Micros | null,
): Micros | null {
  const ends = labels.uses.map(use => tables[use.view]?.newest ?? null)
  if (ends.some(end => end === null)) return null
  return [...ends, asOf].reduce(
    (least, end) => (end !== null && (least === null || end < least) ? end : least),
    null,
  )
}

const originOf = ({ spine, range }: TrainingSetOptions): SpineOrigin => {
  if (range !== undefined) return { kind: 'range', ...range }
  return spine === undefined ? { kind: 'own' } : { kind: 'given', spine }
}
