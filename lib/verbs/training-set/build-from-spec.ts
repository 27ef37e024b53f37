/** Builds the data of a training set from its build spec, and checks the status of its files. */
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
  /** The path to write to; nothing may exist there. */
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

/** The status of a training set's files. `changed`: a file is missing, or differs from the file that was built. */
export type FileStatus = 'intact' | 'missing' | 'changed'

/** Compares sizes first, which is cheap. Only an equal content hash proves that the files are intact. */
export async function fileStatus(
  world: ContentContext,
  manifest: Pick<Manifest, 'files' | 'path' | 'columns' | 'content'>,
): Promise<FileStatus> {
  const sizes = await sizesOf(world.objects, manifest)
  if (sizes.every(size => size === null)) return 'missing'
  if (sizes.some((size, i) => size !== manifest.files[i]?.bytes)) return 'changed'
  return (await contentOf(world, manifest, manifest.columns)) === manifest.content ? 'intact' : 'changed'
}

/** Each file's size in bytes; null if it does not exist. */
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
