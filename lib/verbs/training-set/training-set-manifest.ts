/**
 * The manifest of a training set: what it is made of, what is in it, and where. It stands beside the data for people,
 * and as one line of JSON under its id among all manifests, where Athena reads them as the table `training_sets`.
 */
import { z } from 'zod'
import type { ObjectStore } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { buildSpecSchema } from './build-spec.ts'

const micros = z.string().transform(BigInt)

const manifestColumn = z.object({
  name: z.string(),
  /** A value type; for columns of the spine that nobody declared, the engine's own. */
  type: z.string(),
  role: z.enum(['order', 'join key', 'event timestamp', 'request value', 'label', 'feature', 'split']),
  /** Where a feature or label of a service comes from. */
  from: z
    .object({
      /** `name@version`; of a derived feature, the name of its `derive`. */
      view: z.string(),
      feature: z.string(),
      /** What the view is made of: `source <name>` or `view <key>`; of a derived feature, all that it refers to. */
      origin: z.string(),
    })
    .nullable(),
  /** Personal data, whose values neither a manifest nor a terminal shows. Manifests of earlier versions do not say. */
  pii: z.boolean().default(true),
  nulls: z.number(),
  /** Between 0 and 1. */
  nullShare: z.number(),
  /** As texts; null for lists, bytes and personal data. */
  min: z.string().nullable(),
  max: z.string().nullable(),
  /** Of finite numbers. */
  mean: z.number().nullable(),
})
export type ManifestColumn = z.infer<typeof manifestColumn>

const file = z.object({ path: z.string(), rows: z.number(), bytes: z.number() })

const spineOrigin = z.union([
  z.object({ kind: z.literal('own') }),
  z.object({ kind: z.literal('given'), spine: z.string() }),
  z.object({ kind: z.literal('range'), from: micros, to: micros }),
])
/** How the spine is found: the service's own, a file or query, or made of the history between two instants. */
export type SpineOrigin = z.output<typeof spineOrigin>

export const manifestSchema = z.object({
  /** Of the manifest's own form. */
  format: z.literal(2),
  /** SHA-256 of all that decides the content. */
  id: z.string(),
  service: z.string(),
  /** The hash of the plan that it was made under. */
  plan: z.string(),
  /** When, in ISO 8601. */
  made: z.string(),
  /** By whom. */
  made_by: z.string(),
  engine: z.enum(['duckdb', 'trino']),
  path: z.string(),
  rows: z.number(),
  bytes: z.number(),
  files: z.array(file),
  /** Of the rows: `sha256:` of the one file's bytes, or `rows:` and sums of the rows' hashes where files have no order. */
  content: z.string(),
  columns: z.array(manifestColumn),
  spine: z.object({
    source: z.string(),
    origin: spineOrigin,
    content: z.string(),
    /** Its time range. */
    first: z.string().nullable(),
    last: z.string().nullable(),
  }),
  recipe: buildSpecSchema,
  sql: z.string(),
})
export type Manifest = z.output<typeof manifestSchema>

const digits = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value

/** Null if the text is no manifest, or one of another form: the set is then made again. */
function parseManifest(text: string): Manifest | null {
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** All manifests lie here, each as `<id>.json`. */
export const MANIFESTS = ['training-sets', 'manifests'] as const

export const manifestPathOf = (path: string): string =>
  path.endsWith('/data.parquet') ? path.replace(/data\.parquet$/, 'manifest.json') : `${path}.manifest.json`

const textBeside = (manifest: Manifest): string => `${JSON.stringify(manifest, digits, 2)}\n`

export async function writeManifest(objects: ObjectStore, manifest: Manifest): Promise<void> {
  await objects.writeText(manifestPathOf(manifest.path), textBeside(manifest))
  // What stands here counts: it comes last.
  await objects.writeText(
    objects.path(...MANIFESTS, `${manifest.id}.json`),
    `${JSON.stringify(manifest, digits)}\n`,
  )
}

/** A file at the same path may have had another set's manifest: equal rows may come of two recipes. */
export async function keepBeside(objects: ObjectStore, manifest: Manifest): Promise<void> {
  const path = manifestPathOf(manifest.path)
  const beside = await objects.readText(path).catch(() => null)
  if (beside !== textBeside(manifest)) await objects.writeText(path, textBeside(manifest))
}

/** @throws {StoreError} `store-damaged` if another's manifest stands there */
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

/** All manifests, the newest first. */
export async function listManifests(objects: ObjectStore): Promise<readonly Manifest[]> {
  const names = await objects.list(objects.path(...MANIFESTS))
  const ids = names.filter(name => name.endsWith('.json')).map(name => name.slice(0, -'.json'.length))
  const manifests = await Promise.all(ids.map(id => readManifest(objects, id)))
  return manifests.filter(manifest => manifest !== null).sort((a, b) => (a.made < b.made ? 1 : -1))
}

/** The set whose id begins so. @throws {StoreError} `unknown-training-set` */
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
