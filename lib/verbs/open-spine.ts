/** Finds the spine of a training set: the service's own, a file, or a query over sources. */
import { extname } from 'node:path'
import { contentHash } from '../compiler/canonical.ts'
import type { FileFormat, ServicePlan, SourcePlan } from '../compiler/plan.ts'
import { quote } from '../offline/dialect.ts'
import { over } from '../offline/source-rows.ts'
import type { OpenSource } from '../runtime.ts'
import { StoreError } from '../store-error.ts'
import { type OriginWorld, openOrigin } from './open-origin.ts'

const FORMATS: Readonly<Record<string, FileFormat>> = {
  '.parquet': 'parquet',
  '.csv': 'csv',
  '.jsonl': 'jsonl',
}

/** An open spine, and what it is called in messages and manifests. */
export interface OpenSpine extends OpenSource {
  readonly label: string
}

/** @param spine path of a file (.parquet, .csv, .jsonl) or a query over sources by their names; null: the service's own */
export async function openSpine(
  world: OriginWorld,
  service: ServicePlan,
  spine: string | null,
): Promise<OpenSpine> {
  if (spine === null) return ownSpine(world, service)
  const format = FORMATS[extname(spine)]
  if (format === undefined) return querySpine(world, spine)
  return { ...(await world.sources.open(spineFile(spine, format))), label: spine }
}

async function ownSpine(world: OriginWorld, service: ServicePlan): Promise<OpenSpine> {
  if (service.spine === null)
    throw new StoreError(
      'bad-argument',
      `service '${service.name}' has no spine of its own; name one with --spine <file.parquet|file.csv|SELECT …>`,
    )
  const { origin, query } = service.spine
  const { relation, fingerprint } = await openOrigin(world, origin)
  return {
    ...queried(over('source', relation, query), [fingerprint]),
    label: `the spine of service '${service.name}'`,
  }
}

async function querySpine(world: OriginWorld, query: string): Promise<OpenSpine> {
  const sources = Object.values(world.plan.sources).filter(({ name }) =>
    new RegExp(`\\b${name}\\b`).test(query),
  )
  const open = await Promise.all(sources.map(source => world.sources.open(source)))
  const tables = sources.map(({ name }, i) => `${quote(name)} as (select * from ${open[i]?.relation})`)
  const text = `select * from (\n${query}\n) q`
  const sql = tables.length === 0 ? text : `with ${tables.join(', ')} ${text}`
  // It may read anything else too, a file or the clock, so nobody can tell whether its rows are the same again.
  return { relation: `(${sql})`, fingerprint: null, label: query }
}

/** A query's content is known by its text and its sources' contents. */
const queried = (sql: string, fingerprints: readonly (string | null)[]): OpenSource => ({
  relation: `(${sql})`,
  fingerprint: fingerprints.includes(null) ? null : contentHash({ sql, fingerprints }),
})

const spineFile = (path: string, format: FileFormat): SourcePlan => ({
  kind: 'file',
  name: 'spine',
  path,
  format,
  eventTimestamp: 'event_timestamp',
  createdTimestamp: null,
  columns: [],
  description: '',
})
