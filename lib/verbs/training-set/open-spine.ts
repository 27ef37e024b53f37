/** Finds the spine of a training set: the service's own, a file, or a query over sources. */

import { spineNeeds } from '../../offline/training-set/spine.ts'
import type { FileFormat, Origin, ServicePlan, StoredSource } from '../../plan/plan.ts'
import type { LocatedRows } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { type AcceptContext, openOrigin } from '../ingest/accept-origin.ts'
import type { AcceptedSource } from '../ingest/accept-source.ts'
import { querySubject } from '../ingest/check-batch.ts'
import { overTables } from '../tables/over-tables.ts'
import { piiOfSpine } from '../tables/pii-columns.ts'
import type { SpineOrigin } from './training-set-manifest.ts'

const FORMATS: readonly (readonly [RegExp, FileFormat])[] = [
  [/\.parquet$/i, 'parquet'],
  [/\.csv(\.gz|\.zst)?$/i, 'csv'],
  [/\.(jsonl|ndjson)(\.gz|\.zst)?$/i, 'jsonl'],
]

/** The format of a file path; undefined for a query. */
const formatOf = (spine: string): FileFormat | undefined =>
  /^\s*(select|with|from|\()\s/i.test(spine) ? undefined : FORMATS.find(([ending]) => ending.test(spine))?.[1]

/** An open spine. */
export interface OpenSpine {
  /** The SQL after FROM that reads the spine. */
  readonly relation: string
  /** The spine's name in messages and manifests. */
  readonly label: string
  /** The rows with their places in files, for messages. @default the rows are not in files */
  readonly located?: () => Promise<LocatedRows>
  /** Whether the column may be PII. Messages do not show its values. @default true for all columns */
  readonly isPersonal?: (column: string) => boolean
}

/**
 * Opens the service's own spine, a file (.parquet, .csv, .jsonl) by path, or a query over sources by name.
 * @throws {StoreError} `bad-argument`, `source-missing`
 */
export const openSpine = async (
  world: AcceptContext,
  service: ServicePlan,
  origin: Exclude<SpineOrigin, { kind: 'range' }>,
): Promise<OpenSpine> => ({
  ...(await opened(world, service, origin)),
  isPersonal: piiOfSpine(world.plan, service),
})

async function opened(
  world: AcceptContext,
  service: ServicePlan,
  origin: Exclude<SpineOrigin, { kind: 'range' }>,
): Promise<OpenSpine> {
  if (origin.kind === 'own') return ownSpine(world, service)
  const { spine } = origin
  const format = formatOf(spine)
  if (format === undefined) return querySpine(world, spine)
  const { relation, located } = await world.sources
    .open(spineFile(spine, format, service))
    .catch(asSpine(spine))
  return { relation, label: spine, ...(located === undefined ? {} : { located }) }
}

async function ownSpine(world: AcceptContext, service: ServicePlan): Promise<OpenSpine> {
  if (service.spine === null)
    throw new StoreError(
      'bad-argument',
      `service '${service.name}' has no spine of its own; name one with --spine <file.parquet|file.csv|SELECT …>, or a range with --from and --to`,
    )
  const { origin, query } = service.spine
  const label = `the spine of service '${service.name}'`
  const { relation } = await acceptFor(world, label, origin)
  const tables = { source: relation }
  return { relation: await overTables(world.engine, { name: label, text: query, tables }), label }
}

async function querySpine(world: AcceptContext, query: string): Promise<OpenSpine> {
  const sources = Object.values(world.plan.sources).filter(({ name }) =>
    new RegExp(`\\b${name}\\b`).test(query),
  )
  const open = await Promise.all(
    sources.map(({ name }) => acceptFor(world, 'spine', { kind: 'source', source: name })),
  )
  const tables = Object.fromEntries(sources.map(({ name }, i) => [name, open[i]?.relation ?? '']))
  const known = Object.keys(world.plan.sources)
  const asked = { name: '--spine', text: query, tables, known, isSample: true }
  const relation = await overTables(world.engine, asked)
  return { relation, label: query }
}

/** In a spine's query, columns of a source have their declared types too. */
async function acceptFor(world: AcceptContext, label: string, origin: Origin): Promise<AcceptedSource> {
  const source = await openOrigin(world, origin)
  return source.accept(querySubject(label, origin), null)
}

/** Reports a mismatch of a file's columns as a mismatch of the spine. */
const asSpine = (spine: string) => (error: unknown) => {
  if (!(error instanceof StoreError) || error.code !== 'columns-misfit') throw error
  throw new StoreError('spine-misfit', `spine (${spine}): ${error.message}`, { cause: error })
}

/** In text formats, columns that the service needs get its types. Other columns are labels with an inferred type. */
const spineFile = (path: string, format: FileFormat, service: ServicePlan): StoredSource => ({
  kind: 'file',
  name: 'spine',
  path,
  format,
  eventTimestamp: 'event_timestamp',
  createdTimestamp: null,
  columns: format === 'parquet' ? [] : spineNeeds([service]),
  pii: [],
  description: '',
})
