/**
 * The manifest of a training set: its inputs, statistics and files. It is written twice. One copy is beside the data, for
 * readers. The other is one line of JSON in the folder of all manifests, named by id. Athena reads that folder as the table
 * `training_sets`.
 */
import { z } from 'zod'
import type { ObjectStore } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { buildSpecSchema } from './build-spec.ts'

const micros = z.string().transform(BigInt)

const manifestColumn = z.object({
  name: z.string(),
  /** A value type; for undeclared columns of the spine, the engine's type. */
  type: z.string(),
  role: z.enum(['order', 'join key', 'event timestamp', 'request value', 'label', 'feature', 'split']),
  /** The origin of a service's feature or label. */
  from: z
    .object({
      /** `name@version`; for a derived feature, the name of its `derive`. */
      view: z.string(),
      feature: z.string(),
      /** The view's origin, `source <name>` or `view <key>`; for a derived feature, all its inputs. */
      origin: z.string(),
    })
    .nullable(),
  /** Whether the column is PII. Manifests and terminals do not show its values. Early manifests do not have this field. */
  pii: z.boolean().default(true),
  nulls: z.number(),
  /** Between 0 and 1. */
  nullShare: z.number(),
  /** As text; null for lists, bytes and PII columns. */
  min: z.string().nullable(),
  max: z.string().nullable(),
  /** The mean; null for other types, PII, or a mean that is not finite. */
  mean: z.number().nullable(),
})
export type ManifestColumn = z.infer<typeof manifestColumn>

const file = z.object({ path: z.string(), rows: z.number(), bytes: z.number() })

const spineOrigin = z.union([
  z.object({ kind: z.literal('own') }),
  z.object({ kind: z.literal('given'), spine: z.string() }),
  z.object({ kind: z.literal('range'), from: micros, to: micros }),
])
/** The origin of the spine: the service's own spine, a file or query, or the history between two instants. */
export type SpineOrigin = z.output<typeof spineOrigin>

export const manifestSchema = z.object({
  /** Version of the manifest's format. */
  format: z.literal(2),
  /** SHA-256 of all inputs that determine the content. */
  id: z.string(),
  service: z.string(),
  /** The hash of the plan that it was built with. */
  plan: z.string(),
  /** When it was built, in ISO 8601. */
  made: z.string(),
  /** The principal that built it. */
  made_by: z.string(),
  engine: z.enum(['duckdb', 'trino']),
  path: z.string(),
  rows: z.number(),
  bytes: z.number(),
  files: z.array(file),
  /** Content hash: `sha256:` of the single file, or `rows:` and sums of row hashes if the files have no order. */
  content: z.string(),
  columns: z.array(manifestColumn),
  spine: z.object({
    source: z.string(),
    origin: spineOrigin,
    content: z.string(),
    /** The spine's first and last event timestamp. */
    first: z.string().nullable(),
    last: z.string().nullable(),
  }),
  recipe: buildSpecSchema,
  sql: z.string(),
})
export type Manifest = z.output<typeof manifestSchema>

const digits = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value

/** Null if the text is not a manifest of this format. The training set is then built again. */
function parseManifest(text: string): Manifest | null {
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** The folder of all manifests, each named `<id>.json`. */
export const MANIFESTS = ['training-sets', 'manifests'] as const

export const manifestPathOf = (path: string): string =>
  path.endsWith('/data.parquet') ? path.replace(/data\.parquet$/, 'manifest.json') : `${path}.manifest.json`

const textBeside = (manifest: Manifest): string => `${JSON.stringify(manifest, digits, 2)}\n`

export async function writeManifest(objects: ObjectStore, manifest: Manifest): Promise<void> {
  await objects.writeText(manifestPathOf(manifest.path), textBeside(manifest))
  // This copy is the authoritative one, so it is written last.
  await objects.writeText(
    objects.path(...MANIFESTS, `${manifest.id}.json`),
    `${JSON.stringify(manifest, digits)}\n`,
  )
}

/** Restores the copy beside the data. Another training set with the same path may have replaced it. */
export async function keepBeside(objects: ObjectStore, manifest: Manifest): Promise<void> {
  const path = manifestPathOf(manifest.path)
  const beside = await objects.readText(path).catch(() => null)
  if (beside !== textBeside(manifest)) await objects.writeText(path, textBeside(manifest))
}

/** @throws {StoreError} `store-damaged` if the file holds the manifest of another training set */
export async function readManifest(objects: ObjectStore, id: string): Promise<Manifest | null> {
  const path = objects.path(...MANIFESTS, `${id}.json`)
  const text = await objects.readText(path)
  const manifest = text === null ? null : parseManifest(text)
  if (manifest === null || manifest.id === id) return manifest
  throw new StoreError(
    'store-damaged',
    `${path} holds the manifest of another training set than its name says; run quern repair: it sets it aside`,
  )
}

/** Lists all manifests, the newest first. */
export async function listManifests(objects: ObjectStore): Promise<readonly Manifest[]> {
  const names = await objects.list(objects.path(...MANIFESTS))
  const ids = names.filter(name => name.endsWith('.json')).map(name => name.slice(0, -'.json'.length))
  const manifests = await Promise.all(ids.map(id => readManifest(objects, id)))
  return manifests.filter(manifest => manifest !== null).sort((a, b) => (a.made < b.made ? 1 : -1))
}

/** Finds a training set by id or a unique prefix of it. @throws {StoreError} `unknown-training-set` */
export async function findManifest(objects: ObjectStore, id: string): Promise<Manifest> {
  const all = await listManifests(objects)
  const found = all.filter(manifest => manifest.id.startsWith(id))
  if (found.length === 1 && found[0] !== undefined) return found[0]
  const known = (found.length > 1 ? found : all).map(
    manifest => `${manifest.id.slice(0, 16)} (${manifest.service})`,
  )
  throw new StoreError(
    'unknown-training-set',
    `${found.length === 0 ? 'no training set has' : `${found.length} training sets have`} an id that begins '${id}'; there are: ${known.join(', ') || 'none'}`,
  )
}
