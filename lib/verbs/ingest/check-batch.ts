/** Checks a batch before it is appended to the table, and reports its errors. */

import { type FoundColumn, REFUSED, type SchemaMismatch } from '../../offline/ingest/accept-rows.ts'
import { insertable } from '../../offline/ingest/new-rows.ts'
import { EVENT } from '../../offline/table.ts'
import type { Origin, ViewPlan } from '../../plan/plan.ts'
import type { LocatedRows, OfflineEngine } from '../../runtime.ts'
import { quote } from '../../sql/dialect.ts'
import { StoreError } from '../../store-error.ts'
import { nameOf } from '../tables/open-origin.ts'
import { zoneFault } from './check-zones.ts'
import { describeRefused, type RefusedRows } from './refused-rows.ts'

export interface BatchCounts {
  readonly refused: number
  readonly unusable: number
  readonly enterable: number
  /** The range of event timestamps of the insertable rows; null if there are no such rows. */
  readonly span: { readonly from: bigint; readonly to: bigint } | null
}

export async function countBatch(engine: OfflineEngine, view: ViewPlan, batch: string): Promise<BatchCounts> {
  const [row] = await engine.rows(`
    select count(*) as total, count_if(${REFUSED} is not null) as refused, count_if(${insertable(view, 'b')}) as good,
      min(${quote(EVENT)}) filter (where ${insertable(view, 'b')}) as first,
      max(${quote(EVENT)}) filter (where ${insertable(view, 'b')}) as last
    from ${batch} b`)
  const [total, refused, good] = [Number(row?.['total']), Number(row?.['refused']), Number(row?.['good'])]
  const [from, to] = [row?.['first'], row?.['last']]
  const span = typeof from === 'bigint' && typeof to === 'bigint' ? { from, to } : null
  return { refused, enterable: good, unusable: total - refused - good, span }
}

/** The reader of the rows, for messages: a view, or a query over a source. */
export interface BatchSubject
  extends Pick<ViewPlan, 'joinKeys' | 'eventTimestamp' | 'piiKeys' | 'key' | 'origin'> {
  readonly features: readonly Pick<ViewPlan['features'][number], 'name' | 'pii'>[]
  /** @default the view with this key */
  readonly label?: string
}

/** A query that reads a source, rather than a view. */
export const querySubject = (label: string, origin: Origin): BatchSubject => ({
  label,
  key: '',
  joinKeys: [],
  eventTimestamp: '',
  piiKeys: [],
  features: [],
  origin,
})

const label = ({ label: own, key }: BatchSubject): string => own ?? `view ${key}`

/** The remedy of setting rows aside, which only views have. */
const aside = ({ label: own }: BatchSubject): string =>
  own === undefined ? ', or set them aside with --quarantine' : ''

/** Wraps the error of a query over the source. The cause may be in the source or in the transformation. */
export const unreadable = (view: BatchSubject) => (error: unknown) => {
  // The source did not cause this error; an example is a full disk.
  if (error instanceof StoreError) throw error
  throw new StoreError(
    'source-unreadable',
    `${label(view)}: its query over ${nameOf(view.origin)} failed: ${reasonOf(view, error)}; correct the transformation or the source's declaration`,
    { cause: error },
  )
}

/** Errors that engines raise before they read a row. Such errors name columns, but never values. */
const BEFORE_ROWS =
  /^(Binder|Parser|Catalog) Error|^(line \d+:\d+|[A-Z_]+(NOT_FOUND|MISMATCH|SYNTAX_ERROR)\b)/

/** The engine's message, without its text if that may quote a PII value. */
function reasonOf(view: BatchSubject, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  const isPersonal = view.piiKeys.length > 0 || view.features.some(({ pii }) => pii)
  if (!isPersonal || BEFORE_ROWS.test(reason)) return reason
  const kind = /^[A-Za-z_ ]+(?=:)/.exec(reason)?.[0] ?? 'an error of the engine'
  return `${kind} (its text is left out: it may hold a value of a column marked pii)`
}

export function refuseColumns(
  view: BatchSubject,
  misfits: readonly SchemaMismatch[],
  found: readonly FoundColumn[],
): StoreError {
  const each = misfits.map(({ column, declared, found: type }) =>
    type === null
      ? `column ${column} (${declared}) is missing`
      : `column ${column} is ${type}, from which no ${declared} can be made`,
  )
  const there = found.map(({ name, type }) => `${name} ${type}`).join(', ')
  return new StoreError(
    'columns-misfit',
    `${label(view)}: ${each.join('; ')}; there is: ${there}; correct the name or type, or cast it in the transformation. Nothing was ingested.`,
  )
}

export interface ZoneCheck {
  /** See lib/offline/ingest/mixed-zones.ts. */
  readonly sql: string | null
  /** Names of the source's PII columns, in lower case. Messages do not show their values. */
  readonly pii: readonly string[]
  /** The rows with their places in files; null: the rows are not in files. */
  readonly located: (() => Promise<LocatedRows>) | null
}

export async function refuseMixedZones(
  engine: OfflineEngine,
  view: BatchSubject,
  { sql, pii, located }: ZoneCheck,
): Promise<void> {
  const isHidden = (name: string): boolean => isPersonal(view, pii, name)
  const fault = await zoneFault(engine, { sql, located, isPersonal: isHidden }).catch(unreadable(view))
  if (fault !== null)
    throw new StoreError(
      'columns-misfit',
      `${label(view)}: rows of ${nameOf(view.origin)}: ${fault}. Nothing was ingested.`,
    )
}

export interface RefusedBatch extends RefusedRows {
  /** Names of the source's PII columns, in lower case. Messages do not show their values. */
  readonly pii: readonly string[]
  /** An additional remedy. @default none */
  readonly remedy?: string
}

/** @returns the error, which names each failing column and shows some failing rows with place, keys and values */
export async function refuseRows(
  engine: Pick<OfflineEngine, 'rows' | 'dialect'>,
  view: BatchSubject,
  batch: RefusedBatch,
): Promise<StoreError> {
  const description = await describeRefused(engine, batch, {
    keys: [...view.joinKeys.map(({ name }) => name), EVENT, view.eventTimestamp],
    isPersonal: name => isPersonal(view, batch.pii, name),
  })
  return new StoreError(
    'rows-refused',
    `${label(view)}: rows of ${nameOf(view.origin)} cannot be stored as declared: ${description}; correct them${aside(view)}${batch.remedy ?? ''}. Nothing was ingested.`,
  )
}

/** Whether the view or its source marks the column as PII. A column may have the same name in both. */
export const isPersonal = (
  { features, piiKeys }: BatchSubject,
  pii: readonly string[],
  name: string,
): boolean =>
  piiKeys.includes(name) ||
  pii.includes(name.toLowerCase()) ||
  features.some(feature => feature.name === name && feature.pii)
