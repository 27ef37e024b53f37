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

/** A query has spaces in it. */
const formatOf = (spine: string): FileFormat | undefined =>
  /^\s*(select|with|from|\()\s/i.test(spine) ? undefined : FORMATS.find(([ending]) => ending.test(spine))?.[1]

/** An open spine, and what it is called in messages and manifests. */
export interface OpenSpine {
  /** SQL that stands after FROM. */
  readonly relation: string
  readonly label: string
  /** Its rows with their places, for messages. @default they are in no file */
  readonly located?: () => Promise<LocatedRows>
  /** Is it a column whose values no message shows? @default all are */
  readonly isPersonal?: (column: string) => boolean
}

/**
 * The service's own, a file (.parquet, .csv, .jsonl) by its path, or a query over sources by their names.
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

/** Columns of a source have their declared types in a spine's query too. */
async function acceptFor(world: AcceptContext, label: string, origin: Origin): Promise<AcceptedSource> {
  const source = await openOrigin(world, origin)
  return source.accept(querySubject(label, origin), null)
}

/** What is wrong with a file's columns is wrong with the spine. */
const asSpine = (spine: string) => (error: unknown) => {
  if (!(error instanceof StoreError) || error.code !== 'columns-misfit') throw error
  throw new StoreError('spine-misfit', `spine (${spine}): ${error.message}`, { cause: error })
}

/** What the service needs of a text is converted as it needs it; all else is a label, of the type that all its values have. */
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
