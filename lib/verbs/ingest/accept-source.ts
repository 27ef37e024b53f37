/** Checks and converts the rows of a source with declared columns, before any query reads them. */

import { acceptSource, type FoundColumn, REFUSED } from '../../offline/ingest/accept-rows.ts'
import type { Column, SourcePlan } from '../../plan/plan.ts'
import type { LocatedRows, OfflineEngine } from '../../runtime.ts'
import { lines, quote } from '../../sql/dialect.ts'
import { type BatchSubject, refuseColumns, refuseMixedZones, refuseRows, unreadable } from './check-batch.ts'

/** A source's rows. */
export interface SourceRows {
  /** The SQL after FROM that reads the rows. */
  readonly relation: string
  /** The rows with their places in files, for messages. @default the rows are not in files */
  readonly located?: () => Promise<LocatedRows>
}

export interface AcceptedSource extends SourceRows {
  /** Number of rows in quarantine. */
  readonly quarantined: number
}

export interface AcceptOptions {
  /** The reader of the source, for messages. */
  readonly subject: BatchSubject
  /** The file for rows that fail the checks; null: such rows are an error. */
  readonly quarantine: string | null
}

/** @throws {StoreError} `columns-misfit`, `rows-refused`, `source-unreadable` */
export async function acceptedSource(
  engine: OfflineEngine,
  source: SourcePlan,
  rows: SourceRows,
  { subject, quarantine }: AcceptOptions,
): Promise<AcceptedSource> {
  const { relation, located } = rows
  const { columns, pii } = source
  if (columns.length === 0) return { ...rows, quarantined: 0 }
  const found = await engine.columns(`select * from ${relation} s`).catch(unreadable(subject))
  const accepted = acceptSource({ dialect: engine.dialect, columns, rows: relation, found })
  if ('misfits' in accepted) throw refuseColumns(subject, accepted.misfits, found)
  await refuseMixedZones(engine, subject, { sql: accepted.mixedZones, pii, located: located ?? null })
  const batch = `(${accepted.rows})`
  const [row] = await engine
    .rows(`select count_if(${REFUSED} is not null) as refused from ${batch} a`)
    .catch(unreadable(subject))
  const refused = Number(row?.['refused'])
  if (refused > 0 && quarantine === null) {
    if (located !== undefined) await refuseLocated(await located(), subject, source)
    throw await refuseRows(engine, subject, { ...accepted, rows: batch, pii })
  }
  if (refused > 0) await engine.unload(accepted.refused, String(quarantine))
  return {
    relation: goodRows(columns, found, batch),
    quarantined: refused,
    ...(located === undefined ? {} : { located: async () => goodLocated(await located(), columns) }),
  }
}

/** Checks the rows again, with their places in files. @throws {StoreError} `rows-refused` */
async function refuseLocated(
  { engine, relation }: LocatedRows,
  subject: BatchSubject,
  { columns, pii }: SourcePlan,
): Promise<void> {
  const found = await engine.columns(`select * from ${relation} s`)
  const accepted = acceptSource({ dialect: engine.dialect, columns, rows: relation, found })
  if ('misfits' in accepted) return
  const rows = `(${accepted.rows})`
  const [row] = await engine.rows(`select count_if(${REFUSED} is not null) as refused from ${rows} a`)
  // This engine accepts the rows, but the store's engine does not: the caller reports them without places.
  if (Number(row?.['refused']) === 0) return
  throw await refuseRows(engine, subject, { ...accepted, rows, pii, isLocated: true })
}

async function goodLocated(
  { engine, relation }: LocatedRows,
  columns: readonly Column[],
): Promise<LocatedRows> {
  const found = await engine.columns(`select * from ${relation} s`)
  const accepted = acceptSource({ dialect: engine.dialect, columns, rows: relation, found })
  return 'misfits' in accepted
    ? { engine, relation }
    : { engine, relation: goodRows(columns, found, `(${accepted.rows})`) }
}

/** The rows that pass the checks. Declared columns get their declared names. */
function goodRows(columns: readonly Column[], found: readonly FoundColumn[], batch: string): string {
  const names = new Map(columns.map(({ name }) => [name.toLowerCase(), name]))
  const select = found.map(({ name }) => quote(names.get(name.toLowerCase()) ?? name))
  return `(select ${lines(select)} from ${batch} a where ${REFUSED} is null)`
}
