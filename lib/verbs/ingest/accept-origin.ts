/** Opens the origin of a view or spine. Declared columns of a source have their declared types in every query. */

import { emptyTable } from '../../offline/table.ts'
import { type Origin, type SourcePlan, viewOf } from '../../plan/plan.ts'
import type { OfflineEngine } from '../../runtime.ts'
import { type OriginContext, sourceOf } from '../tables/open-origin.ts'
import { openTable } from '../tables/open-table.ts'
import { overTables } from '../tables/over-tables.ts'
import { type AcceptedSource, acceptedSource, type SourceRows } from './accept-source.ts'
import type { BatchSubject } from './check-batch.ts'

export interface AcceptContext extends OriginContext {
  readonly engine: OfflineEngine
}

/** An open origin. The fingerprint is available before any row is read. */
export interface OpenOrigin {
  readonly fingerprint: string | null
  /** @param quarantine folder for rows that do not have their declared types; null: such rows are an error */
  readonly accept: (subject: BatchSubject, quarantine: string | null) => Promise<AcceptedSource>
}

export async function openOrigin(world: AcceptContext, origin: Origin): Promise<OpenOrigin> {
  if (origin.kind === 'source') return openSource(world, sourceOf(world.plan, origin.source), 'source')
  const table = await openTable(world, viewOf(world.plan, origin.view))
  return {
    fingerprint: `${origin.view}#${table.id}#${table.sequence}`,
    accept: async () => ({ relation: table.relation, quarantined: 0 }),
  }
}

/** @param aside prefix of the name of the quarantine file */
async function openSource(world: AcceptContext, source: SourcePlan, aside: string): Promise<OpenOrigin> {
  if (source.kind === 'stream') return openStream(world, source)
  const open = await world.sources.open(source)
  return { fingerprint: open.fingerprint, accept: accepting(world, source, aside, open) }
}

const accepting =
  ({ engine }: AcceptContext, source: SourcePlan, aside: string, rows: SourceRows): OpenOrigin['accept'] =>
  (subject, quarantine) =>
    acceptedSource(engine, source, rows, {
      subject: { ...subject, origin: { kind: 'source', source: source.name } },
      quarantine: quarantine === null ? null : `${quarantine}/${aside}-rows.parquet`,
    })

/** Opens the history of a stream. A stream without a history has no rows. */
async function openStream(
  world: AcceptContext,
  stream: Extract<SourcePlan, { kind: 'stream' }>,
): Promise<OpenOrigin> {
  if (stream.history === null) {
    const relation = emptyTable(world.engine.dialect, stream.columns)
    return { fingerprint: 'none', accept: async () => ({ relation, quarantined: 0 }) }
  }
  const { source: name, query } = stream.history
  const past = await openSource(world, sourceOf(world.plan, name), 'history')
  return {
    fingerprint: past.fingerprint,
    accept: async (subject, quarantine) => {
      const rows = await past.accept(subject, quarantine)
      const history =
        query === null ? rows : { relation: await overHistory(world, stream.name, query, rows.relation) }
      const events = await accepting(world, stream, 'source', history)(subject, quarantine)
      return { ...events, quarantined: events.quarantined + rows.quarantined }
    },
  }
}

const overHistory = (
  { engine }: AcceptContext,
  stream: string,
  text: string,
  source: string,
): Promise<string> =>
  overTables(engine, { name: `the history of source '${stream}'`, text, tables: { source } })
