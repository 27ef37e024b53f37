/** Looks at a batch before it enters the table, and says what is wrong with it. */
import type { Column, ViewPlan } from '../compiler/plan.ts'
import type { Value } from '../definition/value-types.ts'
import { type FoundColumn, type Misfit, REFUSED } from '../offline/accept-rows.ts'
import { literal, quote, timestampText } from '../offline/dialect.ts'
import { enterable } from '../offline/new-rows.ts'
import { EVENT, tableColumns } from '../offline/table.ts'
import type { OfflineEngine } from '../runtime.ts'
import { StoreError } from '../store-error.ts'
import { zoneFault } from './check-zones.ts'
import { nameOf } from './open-origin.ts'

/** Offending rows that a message shows. */
const SHOWN = 5

export interface BatchCounts {
  readonly refused: number
  readonly unusable: number
  readonly enterable: number
  /** Event timestamps of the enterable rows; null if there are none. */
  readonly span: { readonly from: bigint; readonly to: bigint } | null
}

export async function countBatch(engine: OfflineEngine, view: ViewPlan, batch: string): Promise<BatchCounts> {
  const [row] = await engine.rows(`
    select count(*) as total, count_if(${REFUSED} is not null) as refused, count_if(${enterable(view, 'b')}) as good,
      min(${quote(EVENT)}) filter (where ${enterable(view, 'b')}) as first,
      max(${quote(EVENT)}) filter (where ${enterable(view, 'b')}) as last
    from ${batch} b`)
  const [total, refused, good] = [Number(row?.['total']), Number(row?.['refused']), Number(row?.['good'])]
  const [from, to] = [row?.['first'], row?.['last']]
  const span = typeof from === 'bigint' && typeof to === 'bigint' ? { from, to } : null
  return { refused, enterable: good, unusable: total - refused - good, span }
}

const label = (view: ViewPlan): string => `view ${view.key}`

/** A query over the source failed, in the source or in the transformation. */
export const unreadable = (view: ViewPlan) => (error: unknown) => {
  throw new StoreError(
    'source-unreadable',
    `${label(view)}: its query over ${nameOf(view.origin)} failed: ${reasonOf(view, error)}; correct the transformation or the source's declaration`,
    { cause: error },
  )
}

/** Errors that engines find before they read a row: they name columns and no value. */
const BEFORE_ROWS =
  /^(Binder|Parser|Catalog) Error|^(line \d+:\d+|[A-Z_]+(NOT_FOUND|MISMATCH|SYNTAX_ERROR)\b)/

/** An engine's message may quote a value that it stumbled over. */
function reasonOf(view: ViewPlan, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  const isPersonal = view.piiKeys.length > 0 || view.features.some(({ pii }) => pii)
  if (!isPersonal || BEFORE_ROWS.test(reason)) return reason
  const kind = /^[A-Za-z_ ]+(?=:)/.exec(reason)?.[0] ?? 'an error of the engine'
  return `${kind} (its text is left out: it may hold a value of a column marked pii)`
}

export function refuseColumns(
  view: ViewPlan,
  misfits: readonly Misfit[],
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

/** @param sql see lib/offline/mixed-zones.ts */
export async function refuseMixedZones(
  engine: OfflineEngine,
  view: ViewPlan,
  sql: string | null,
): Promise<void> {
  const fault = await zoneFault(engine, sql).catch(unreadable(view))
  if (fault !== null)
    throw new StoreError(
      'columns-misfit',
      `${label(view)}: rows of ${nameOf(view.origin)}: ${fault}. Nothing was ingested.`,
    )
}

/** @returns the error that names each column, how many rows fail in it, and the keys of some */
export async function refuseRows(
  engine: OfflineEngine,
  view: ViewPlan,
  batch: string,
  columns: readonly Column[] = tableColumns(view),
  keys: readonly Column[] = [...view.joinKeys, { name: EVENT, type: 'timestamp' }],
): Promise<StoreError> {
  const fails = (name: string): string => `strpos(${REFUSED}, ${literal(`,${name},`)}) > 0`
  const [counts = {}] = await engine.rows(
    `select ${columns.map(({ name }) => `count_if(${fails(name)}) as ${quote(name)}`).join(', ')} from ${batch} b`,
  )
  const failing = columns.filter(({ name }) => Number(counts[name]) > 0)
  const each = failing.map(({ name, type }) => `column ${name} (${type}): ${counts[name]} rows`)
  const selected = [...keys.map(key => quote(key.name)), REFUSED].join(', ')
  const shown = await engine.rows(
    `select ${selected} from ${batch} b where ${REFUSED} is not null order by ${selected} limit ${SHOWN}`,
  )
  const rows = shown.map(
    row =>
      `${keys.map(key => `${key.name}=${view.piiKeys.includes(key.name) ? '(masked)' : show(row[key.name], key)}`).join(' ')} (${String(row[REFUSED]).slice(1, -1)})`,
  )
  return new StoreError(
    'rows-refused',
    `${label(view)}: rows of ${nameOf(view.origin)} do not fit (a declared type, or 2,048 bytes for an entity key): ${each.join('; ')}; such as ${rows.join('; ')}; correct them, or set them aside with --quarantine. Nothing was ingested.`,
  )
}

/** A key as a message shows it. */
function show(value: Value | undefined, { type }: Column): string {
  if (value === null || value === undefined) return 'null'
  return type === 'timestamp' && typeof value === 'bigint' ? timestampText(value) : String(value)
}
