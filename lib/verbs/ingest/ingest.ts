/**
 * Ingest: source rows → transformation → checks → the offline table.
 */

import { acceptRows } from '../../offline/ingest/accept-rows.ts'
import { newRows } from '../../offline/ingest/new-rows.ts'
import { linesOf } from '../../offline/ingest/pushed-lines.ts'
import { kept } from '../../offline/ingest/source-rows.ts'
import { emptyTable } from '../../offline/table.ts'
import type { ViewPlan } from '../../plan/plan.ts'
import {
  type Clock,
  type LocatedRows,
  type ObjectStore,
  type OfflineEngine,
  PLACE_COLUMNS,
  type PushedLines,
  type TableVersion,
} from '../../runtime.ts'
import { microsOf } from '../../semantics/point-in-time.ts'
import { quote } from '../../sql/dialect.ts'
import type { StoreError } from '../../store-error.ts'
import { contentHash } from '../../text/canonical.ts'
import { type OriginContext, sourceOf } from '../tables/open-origin.ts'
import { definitionOf, refuseDifferent, stateOfTable } from '../tables/open-table.ts'
import { overTables } from '../tables/over-tables.ts'
import { type OpenOrigin, openOrigin } from './accept-origin.ts'
import type { AcceptedSource, SourceRows } from './accept-source.ts'
import {
  countBatch,
  type RefusedBatch,
  refuseColumns,
  refuseMixedZones,
  refuseRows,
  unreadable,
} from './check-batch.ts'
import { conflictsOf, type EventConflicts } from './event-conflicts.ts'
import { placeOf } from './refused-rows.ts'
import { linesBatch, sourceBatch } from './source-status.ts'

export interface IngestContext extends OriginContext {
  readonly engine: OfflineEngine
  readonly objects: ObjectStore
  readonly clock: Clock
  readonly pushedLines: PushedLines
}

export interface IngestOptions {
  /** Sets rows that fail their types aside in a file, instead of refusing the batch. @default false */
  readonly quarantine?: boolean
  /** Ingests pushed rows only, and does not read the view's source. @default false */
  readonly pushedOnly?: boolean
}

export interface IngestReport {
  readonly view: string
  /** The source has not changed since the last batch, so no rows were read. */
  readonly unchanged: boolean
  /** Number of rows that were added to the table. */
  readonly added: number
  /** Number of duplicates: rows that the table already held, or that the batch held twice. */
  readonly known: number
  /** Number of skipped rows: they have no join key or no event timestamp. */
  readonly unusable: number
  /** The place of the first skipped row, such as `data/a.csv line 7`. @default no such row, or it is not in a file */
  readonly firstUnusable?: string
  /** Number of rows in quarantine, and the path of their files. */
  readonly quarantined: { readonly rows: number; readonly path: string } | null
  /** Events whose content differs from the table's event with the same id. The first content stays. @default none */
  readonly conflicts?: EventConflicts
}

/**
 * Ingests the pushed rows, and then the view's source, unless `pushedOnly` is set.
 * @throws {StoreError} `source-missing`, `source-unreadable`, `columns-misfit`, `rows-refused`, `definition-differs`
 */
export async function ingest(
  world: IngestContext,
  view: ViewPlan,
  options: IngestOptions = {},
): Promise<IngestReport> {
  const pushed = await ingestPushed(world, view, options)
  if (options.pushedOnly === true) return pushed
  const source = await ingestSource(world, view, options)
  return {
    view: view.key,
    unchanged: pushed.unchanged && source.unchanged,
    added: pushed.added + source.added,
    known: pushed.known + source.known,
    unusable: pushed.unusable + source.unusable,
    quarantined: together(pushed.quarantined, source.quarantined),
    ...(source.firstUnusable === undefined ? {} : { firstUnusable: source.firstUnusable }),
    ...bothOf(pushed.conflicts, source.conflicts),
  }
}

function bothOf(
  a: EventConflicts | undefined,
  b: EventConflicts | undefined,
): Pick<IngestReport, 'conflicts'> {
  const found = [a, b].filter(one => one !== undefined)
  if (found.length === 0) return {}
  const events = found.reduce((sum, one) => sum + one.events, 0)
  return { conflicts: { events, such: found.flatMap(({ such }) => such) } }
}

type Quarantined = IngestReport['quarantined']

const together = (a: Quarantined, b: Quarantined): Quarantined =>
  a === null || b === null ? (a ?? b) : { rows: a.rows + b.rows, path: `${a.path}, ${b.path}` }

async function ingestSource(
  world: IngestContext,
  view: ViewPlan,
  options: IngestOptions,
): Promise<IngestReport> {
  const origin = await openOrigin(world, view.origin)
  const table = await tableToExtend(world, view, origin)
  const definition = definitionOf(world, view)
  const id = sourceBatch(definition, origin.fingerprint ?? String(world.clock.now()))
  if (table.batch === id) return unchanged(view)
  const quarantine = quarantineOf(world, view, id, options)
  const source = await origin.accept(view, quarantine)
  return addBatch(world, view, {
    id,
    transient: origin.fingerprint === null,
    created: createdAfter(table, world.clock),
    definition,
    source,
    quarantine,
  })
}

/**
 * Opens the table to append rows. The view's definition must equal the definition of the stored rows, or add features to
 * it. Early versions of quern stored no definition. For their rows the definition is known to be equal if the source has
 * not changed, because they made the batch id from the source's fingerprint and the semantic hash.
 * @throws {StoreError} `definition-differs`, `definition-unknown`
 */
async function tableToExtend(
  world: IngestContext,
  view: ViewPlan,
  origin: Pick<OpenOrigin, 'fingerprint'> | null = null,
): Promise<TableVersion> {
  const table = await world.offline.table(view)
  const state = stateOfTable(world, view, table)
  if (state.is === 'unknown') {
    const { fingerprint } = origin ?? (await openOrigin(world, view.origin))
    const legacy = contentHash({ meaning: view.meaning, fingerprint: fingerprintBefore(view, fingerprint) })
    if (table.batch === legacy) return table
  }
  refuseDifferent(view.key, state)
  return table
}

/** The fingerprint in the form of early versions, in which a view's fingerprint had no table id. */
const fingerprintBefore = ({ origin }: ViewPlan, fingerprint: string | null): string | null =>
  origin.kind === 'view' ? (fingerprint?.replace(/#.*#/, '#') ?? null) : fingerprint

/** Ingests pushed rows only. */
export async function ingestPushed(
  world: IngestContext,
  view: ViewPlan,
  options: IngestOptions = {},
): Promise<IngestReport> {
  const source = view.origin.kind === 'source' ? sourceOf(world.plan, view.origin.source) : null
  const { key, columns, view: viewOfLines } = linesOf(view, source)
  const lines = await world.pushedLines.open(key, columns)
  const table = await tableToExtend(world, view)
  const definition = definitionOf(world, view)
  // Removed lines cannot be read again: the rows made from them keep null in new features.
  if (lines === null && (table.pushed === null || table.definitions.pushed === definition))
    return unchanged(view)
  const id = linesBatch(definition, lines?.fingerprint ?? 'none')
  if (table.pushed === id) return unchanged(view)
  return addBatch(world, viewOfLines, {
    id,
    transient: false,
    created: createdAfter(table, world.clock),
    definition,
    source: { relation: lines?.relation ?? emptyTable(world.engine.dialect, columns), quarantined: 0 },
    quarantine: quarantineOf(world, view, id, options),
    hashed: view.aggregates === null,
  })
}

/** The quarantine folder; null: a row that fails the checks refuses the whole batch. */
const quarantineOf = (
  { objects }: IngestContext,
  view: ViewPlan,
  id: string,
  { quarantine = false }: IngestOptions,
): string | null =>
  quarantine ? objects.path('quarantine', view.name, `v${view.version}`, id.slice(0, 16)) : null

interface IncomingBatch {
  readonly id: string
  readonly transient: boolean
  readonly created: bigint
  readonly definition: string
  readonly source: AcceptedSource
  /** The quarantine folder; null: a row that fails the checks refuses the whole batch. */
  readonly quarantine: string | null
  /** Whether its rows already have row hashes. @default false */
  readonly hashed?: boolean
}

/** A correction must have a later created timestamp than the row that it corrects, even if the clock does not advance. */
const createdAfter = (table: TableVersion, clock: Clock): bigint => {
  const now = microsOf(clock.now())
  return table.created !== null && table.created >= now ? table.created + 1n : now
}

const piiOf = ({ plan }: IngestContext, { origin }: ViewPlan): readonly string[] =>
  origin.kind === 'source' ? sourceOf(plan, origin.source).pii : []

/** A view's rows have places in files only if each of them is one row of the source. */
const placesOf = ({ transformation, aggregates }: ViewPlan, { located }: SourceRows): Located =>
  transformation === null && aggregates === null ? (located ?? null) : null

type Located = (() => Promise<LocatedRows>) | null

/** The place of the first row without a join key or event timestamp. */
async function placeOfUnusable(view: ViewPlan, located: Located): Promise<string | null> {
  if (located === null) return null
  const { engine, relation } = await located()
  const needed = [...view.joinKeys.map(({ name }) => name), view.eventTimestamp]
  const [row] = await engine.rows(
    `select * from ${relation} r where ${needed.map(name => `${quote(name)} is null`).join(' or ')} order by ${PLACE_COLUMNS.file}, ${PLACE_COLUMNS.line} limit 1`,
  )
  return row === undefined ? null : placeOf(row)
}

/** Makes the error, with the places of the rows if they have places. */
async function refusedBatch(
  world: IngestContext,
  view: ViewPlan,
  batch: RefusedBatch,
  { located, created, hashed = false, source }: IncomingBatch & { readonly located: Located },
): Promise<StoreError> {
  if (located !== null) {
    const { engine, relation: rows } = await located()
    const found = await engine.columns(`select * from ${rows} s`)
    const again = acceptRows({ dialect: engine.dialect, view, rows, found, created, hashed })
    if (!('misfits' in again)) {
      const all = `(${again.refused})`
      return refuseRows(engine, view, { ...again, rows: all, pii: batch.pii, isLocated: true })
    }
  }
  const isInFiles = view.origin.kind === 'source' && source.located !== undefined
  const remedy = isInFiles ? `; columns that the source declares are refused with their file and line` : ''
  return refuseRows(world.engine, view, { ...batch, remedy })
}

async function addBatch(world: IngestContext, view: ViewPlan, batch: IncomingBatch): Promise<IngestReport> {
  const { engine, objects, offline } = world
  const { transformation } = view
  const transformed =
    transformation === null
      ? batch.source.relation
      : await overTables(engine, {
          name: `the SELECT of view ${view.key}`,
          text: transformation,
          tables: { source: batch.source.relation },
        }).catch(unreadable(view))
  const rows = kept(engine.dialect, view, transformed)
  const found = await engine.columns(`select * from ${rows} t`).catch(unreadable(view))
  const { created, hashed = false } = batch
  const accepted = acceptRows({ dialect: engine.dialect, view, rows, found, created, hashed })
  if ('misfits' in accepted) throw refuseColumns(view, accepted.misfits, found)
  const pii = piiOf(world, view)
  const located = placesOf(view, batch.source)
  await refuseMixedZones(engine, view, { sql: accepted.mixedZones, pii, located })
  const scratch = objects.scratch(`${view.key}.parquet`)
  try {
    const file = await engine
      .unload(accepted.rows, scratch, { compression: 'snappy' })
      .catch(unreadable(view))
    const staged = engine.files([file.path], 'parquet')
    const counts = await countBatch(engine, view, staged)
    if (counts.refused > 0 && batch.quarantine === null)
      throw await refusedBatch(world, view, { ...accepted, rows: staged, pii }, { ...batch, located })
    if (counts.refused > 0) await engine.unload(accepted.refused, `${batch.quarantine}/rows.parquet`)
    const added = await offline.append(view, {
      id: batch.id,
      withoutFingerprint: batch.transient,
      created: batch.created,
      definition: batch.definition,
      rows: table =>
        newRows({ view, batch: staged, table: table.rows === 0 ? null : table.relation, span: counts.span }),
    })
    const firstUnusable = counts.unusable === 0 ? null : await placeOfUnusable(view, located)
    const quarantined = batch.source.quarantined + counts.refused
    const duplicates = view.aggregates === null ? 0 : counts.enterable - added
    const conflicts =
      duplicates === 0
        ? null
        : await conflictsOf(engine, view, {
            batch: staged,
            span: counts.span,
            table: (await offline.table(view)).relation,
          })
    return {
      view: view.key,
      unchanged: false,
      added,
      known: counts.enterable - added,
      unusable: counts.unusable,
      ...(firstUnusable === null ? {} : { firstUnusable }),
      quarantined: quarantined === 0 ? null : { rows: quarantined, path: String(batch.quarantine) },
      ...(conflicts === null ? {} : { conflicts }),
    }
  } finally {
    await objects.remove(scratch)
  }
}

const unchanged = (view: ViewPlan): IngestReport => ({
  view: view.key,
  unchanged: true,
  added: 0,
  known: 0,
  unusable: 0,
  quarantined: null,
})
