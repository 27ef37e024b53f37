/** The data of a training set: made by its recipe, and looked at where it stands. */
import type { DataFile, ObjectStore, TableVersion } from '../../runtime.ts'
import { type ContentContext, contentOf } from '../materialize/content.ts'
import { relationsOf } from '../tables/service-tables.ts'
import { type BuildSpec, buildSpecSql } from './build-spec.ts'
import type { PreparedSpine } from './prepare-spine.ts'
import { buildSpecColumns } from './training-set-columns.ts'
import type { Manifest } from './training-set-manifest.ts'

export interface BuildInput {
  readonly recipe: BuildSpec
  readonly spine: PreparedSpine
  readonly tables: Readonly<Record<string, TableVersion>>
  /** Where nothing is. */
  readonly path: string
}

export async function buildFromSpec(
  { engine, objects }: ContentContext,
  { recipe, spine, tables, path }: BuildInput,
): Promise<Pick<Manifest, 'rows' | 'bytes' | 'files' | 'content' | 'sql'>> {
  const columns = buildSpecColumns(engine, recipe, spine.columns)
  const ofSpine = columns.filter(({ from }) => from === null).map(({ name }) => name)
  const sql = buildSpecSql(
    engine.dialect,
    recipe,
    { spine: spine.relation, spineColumns: ofSpine, bounds: spine.bounds, ordered: engine.keepsOrder },
    relationsOf(tables),
  )
  const file = await engine.unload(sql, path)
  const content = await contentOf({ engine, objects }, file, columns)
  return { rows: file.rows, bytes: file.bytes, files: filesOf(file), content, sql }
}

export const filesOf = (file: DataFile): Manifest['files'] =>
  (file.parts ?? [file]).map(({ path, rows, bytes }) => ({ path, rows, bytes }))

/** Of a set's own files: as they were made, not there, or other than they were made. */
export type FileStatus = 'intact' | 'missing' | 'changed'

/** Sizes are looked at first, since they cost nothing; only the content's hash says that a file is intact. */
export async function fileStatus(
  world: ContentContext,
  manifest: Pick<Manifest, 'files' | 'path' | 'columns' | 'content'>,
): Promise<FileStatus> {
  const sizes = await sizesOf(world.objects, manifest)
  if (sizes.every(size => size === null)) return 'missing'
  if (sizes.some((size, i) => size !== manifest.files[i]?.bytes)) return 'changed'
  return (await contentOf(world, manifest, manifest.columns)) === manifest.content ? 'intact' : 'changed'
}

/** How long each file is; null where it is not there. */
const sizesOf = (
  objects: ObjectStore,
  { files }: Pick<Manifest, 'files'>,
): Promise<readonly (number | null)[]> =>
  Promise.all(
    files.map(({ path }) =>
      objects.open(path).then(
        file => file.byteLength,
        () => null,
      ),
    ),
  )
