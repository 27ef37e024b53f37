/** Rebuilds a training set from its manifest, and compares the result with the original. */

import { SPINE_ROW } from '../../offline/training-set/point-in-time-join.ts'
import type { TableVersion } from '../../runtime.ts'
import { quote } from '../../sql/dialect.ts'
import { isFromBelow, StoreError } from '../../store-error.ts'
import { buildFromSpec, type FileStatus, fileStatus, filesOf } from './build-from-spec.ts'
import { servicesOf } from './build-spec.ts'
import type { OpenSpine } from './open-spine.ts'
import { openAnySpine, type StagedSpine, stageSpine } from './stage-spine.ts'
import type { TrainingSetContext } from './training-set.ts'
import { findManifest, type Manifest, writeManifest } from './training-set-manifest.ts'

export interface Rebuilt {
  readonly manifest: Manifest
  /** Whether the content hash is equal: equal rows in equal order. */
  readonly same: boolean
  /** Number of rebuilt rows. */
  readonly rows: number
  /** Content hash of the rebuilt rows. */
  readonly content: string
  /** Status of the original files before the rebuild. If it is not `intact`, `same` data has replaced them. */
  readonly standing: FileStatus
}

/**
 * Reads each table at its recorded version. Reads the spine from the training set's rows, or from its origin if the files
 * are not intact.
 * @param id the training set's id, or a prefix of it
 * @throws {StoreError} `unknown-training-set`; `version-gone` or `spine-gone`, which names the missing part
 */
export async function rebuildTrainingSet(world: TrainingSetContext, id: string): Promise<Rebuilt> {
  const manifest = await findManifest(world.objects, id)
  refuseOtherEngine(world, manifest)
  const tables = await tablesThen(world, manifest)
  const standing = await fileStatus(world, manifest)
  await using staged = await spineThen(world, manifest, tables, standing)
  const scratch = world.objects.scratch('rebuilt.parquet')
  try {
    const built = await buildFromSpec(world, {
      recipe: manifest.recipe,
      spine: staged.spine,
      tables,
      path: scratch,
    })
    const same = built.content === manifest.content
    if (same && standing !== 'intact') await putBack(world, manifest, scratch)
    return { manifest, same, rows: built.rows, content: built.content, standing }
  } finally {
    await world.objects.remove(scratch)
  }
}

function refuseOtherEngine({ engine }: TrainingSetContext, manifest: Manifest): void {
  if (manifest.engine !== engine.dialect.name)
    throw new StoreError(
      'bad-argument',
      `training set ${manifest.id.slice(0, 16)} was made on ${manifest.engine}; rebuild it there, not on ${engine.dialect.name}`,
    )
}

/** Opens all tables at their recorded versions. It tries all of them, so that the error names all missing ones. */
async function tablesThen(
  { offline }: TrainingSetContext,
  { id, recipe }: Manifest,
): Promise<Record<string, TableVersion>> {
  const asked = Object.entries(recipe.views).map(async ([key, view]) => {
    const then = recipe.tables[key] ?? { id: '', sequence: 0, rows: 0 }
    const table = await offline.table(view, then)
    if (table.rows !== then.rows)
      throw new StoreError(
        'version-gone',
        `view ${key}: ${then.rows - table.rows} of the ${then.rows} rows that its table had at batch ${then.sequence} have been erased`,
      )
    return [key, table] as const
  })
  const settled = await Promise.allSettled(asked)
  const failed = settled.flatMap(one => (one.status === 'rejected' ? [one.reason] : []))
  const [first] = failed
  if (first !== undefined && (!(first instanceof StoreError) || isFromBelow(first))) throw first
  if (first !== undefined)
    throw new StoreError(
      'version-gone',
      `training set ${id.slice(0, 16)} cannot be made again: ${failed.map(error => error.message).join('; ')}`,
      { cause: first },
    )
  return Object.fromEntries(settled.flatMap(one => (one.status === 'fulfilled' ? [one.value] : [])))
}

async function spineThen(
  world: TrainingSetContext,
  manifest: Manifest,
  tables: Readonly<Record<string, TableVersion>>,
  standing: FileStatus,
): Promise<StagedSpine> {
  const { recipe, spine } = manifest
  const options = { services: servicesOf(recipe), ...recipe.options }
  if (standing === 'intact')
    return stageSpine(world, spineOfRows(world, manifest), { ...options, isNumbered: true })
  const gone = (what: string, cause?: unknown): StoreError =>
    new StoreError(
      'spine-gone',
      `training set ${manifest.id.slice(0, 16)} cannot be made again: its data is ${standing}, and its spine (${spine.source}) ${what}`,
      { cause },
    )
  const then = { ...world, plan: { ...world.plan, views: { ...world.plan.views, ...recipe.views } } }
  const within = { tables, asOf: recipe.options.asOf }
  const open = await openAnySpine(then, recipe.service, spine.origin, within).catch(cause => {
    if (isFromBelow(cause)) throw cause
    throw gone(`cannot be read: ${cause instanceof Error ? cause.message : cause}`, cause)
  })
  const staged = await stageSpine(world, open, options)
  if (staged.spine.content === spine.content) return staged
  await staged[Symbol.asyncDispose]()
  throw gone('has other rows now')
}

/** Reads the spine's columns from the training set, with the original row numbers. */
function spineOfRows({ engine }: TrainingSetContext, { columns, path, spine }: Manifest): OpenSpine {
  const own = columns
    .filter(({ role, from }) => from === null && role !== 'order' && role !== 'split')
    .map(({ name }) => quote(name))
  const number = engine.keepsOrder ? `row_number() over () as ${SPINE_ROW}` : quote(SPINE_ROW)
  return {
    relation: `(select ${[number, ...own].join(', ')} from ${engine.files([path], 'parquet')} t)`,
    label: spine.source,
  }
}

async function putBack(world: TrainingSetContext, manifest: Manifest, from: string): Promise<void> {
  const { engine, objects } = world
  await objects.remove(manifest.path)
  const file = await engine.unload(`select * from ${engine.files([from], 'parquet')} t`, manifest.path)
  await writeManifest(objects, { ...manifest, bytes: file.bytes, files: filesOf(file) })
}
