/** The manifest beside a training set: what it is made of, so that it can be understood and made again. */
import { z } from 'zod'
import type { ServicePlan } from '../compiler/plan.ts'
import { quote } from '../offline/dialect.ts'
import { EVENT } from '../offline/table.ts'
import type { EngineColumn, OfflineEngine } from '../runtime.ts'

const manifestColumn = z.object({
  name: z.string(),
  /** A value type for keys and features; for labels the engine's own. */
  type: z.string(),
  role: z.enum(['join key', 'event timestamp', 'label', 'feature']),
  /** Where a feature comes from: `view@version:feature`. */
  from: z.string().nullable(),
  nulls: z.number(),
  /** Between 0 and 1. */
  nullShare: z.number(),
})
export type ManifestColumn = z.infer<typeof manifestColumn>

const manifest = z.object({
  /** SHA-256 of all that decides the content. */
  id: z.string(),
  service: z.string(),
  /** The plan's hash. */
  plan: z.string(),
  made: z.string(),
  engine: z.string(),
  rows: z.number(),
  bytes: z.number(),
  columns: z.array(manifestColumn),
  spine: z.object({
    source: z.string(),
    fingerprint: z.string().nullable(),
    first: z.string().nullable(),
    last: z.string().nullable(),
  }),
  /** Each view's table version. */
  tables: z.record(z.string(), z.number()),
  options: z.object({
    asOf: z.string().nullable(),
    asKnown: z.boolean(),
    fullNames: z.boolean(),
    ordered: z.boolean(),
  }),
  sql: z.string(),
})
export type Manifest = z.infer<typeof manifest>

export const manifestText = (value: Manifest): string => `${JSON.stringify(value, null, 2)}\n`

/** Null if the text is no manifest: it is then made again. */
export function parseManifest(text: string): Manifest | null {
  try {
    return manifest.parse(JSON.parse(text))
  } catch {
    return null
  }
}

export interface DescribeColumnsInput {
  readonly service: ServicePlan
  readonly spine: readonly EngineColumn[]
  readonly path: string
  readonly fullNames: boolean
}

export async function describeColumns(
  engine: OfflineEngine,
  { service, spine, path, fullNames }: DescribeColumnsInput,
): Promise<ManifestColumn[]> {
  const types = new Map(service.joinKeys.map(key => [key.name, key.type]))
  const ofSpine = spine.map(({ name, type }) => {
    const role = name === EVENT ? 'event timestamp' : types.has(name) ? 'join key' : 'label'
    return { name, type: name === EVENT ? 'timestamp' : (types.get(name) ?? type), role, from: null } as const
  })
  const features = service.uses.flatMap(use =>
    use.features.map(
      ({ name, fullName, feature, type }) =>
        ({
          name: fullNames ? fullName : name,
          type,
          role: 'feature',
          from: `${use.view}:${feature}`,
        }) as const,
    ),
  )
  const columns = [...ofSpine, ...features]
  const counts = columns.map(({ name }) => `count(${quote(name)}) as ${quote(name)}`)
  const [row = {}] = await engine.rows(
    `select count(*) as spine_row, ${counts.join(', ')} from ${engine.files([path], 'parquet')}`,
  )
  const rows = Number(row['spine_row'])
  return columns.map(column => {
    const nulls = rows - Number(row[column.name])
    return { ...column, nulls, nullShare: rows === 0 ? 0 : nulls / rows }
  })
}
