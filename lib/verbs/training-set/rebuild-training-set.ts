/** Makes a training set again from its manifest, and says whether it is the very same. */

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
  /** Equal rows in equal order, by the content's hash. */
  readonly same: boolean
  /** How many rows were made, and their content. */
  readonly rows: number
  readonly content: string
  /** Of the set's own files before. Where not intact, `same` data was put in their place. */
  readonly standing: FileStatus
}

/**
 * Reads each table as it stood, and the spine from the set's own rows, or from where it came if they are gone.
 * @param id of the set, or how it begins
 * @throws {StoreError} `unknown-training-set`; `version-gone`, `spine-gone` naming the part that is gone
 */
export async function rebuildTrainingSet(world: TrainingSetContext, id: string): Promise<Rebuilt> {
  const manifest = await findManifest(world.objects, id)
  refuseOtherEngine(world, manifest)
  const tables = await tablesThen(world, manifest)
  const standing = await fileStatus(world, manifest)
  await using laid = await spineThen(world, manifest, tables, standing)
  const scratch = world.objects.scratch('rebuilt.parquet')
  try {
    const made = await buildFromSpec(world, {
      recipe: manifest.recipe,
      spine: laid.spine,
      tables,
      path: scratch,
    })
    const same = made.content === manifest.content
    if (same && standing !== 'intact') await putBack(world, manifest, scratch)
    return { manifest, same, rows: made.rows, content: made.content, standing }
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

/** Asks for all of them before it says which are gone. */
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
  const laid = await stageSpine(world, open, options)
  if (laid.spine.content === spine.content) return laid
  await laid[Symbol.asyncDispose]()
  throw gone('has other rows now')
}

/** The spine's columns as the set itself has them, numbered as they were. */
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
