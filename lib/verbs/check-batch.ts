/** Looks at a batch before it enters the table, and says what is wrong with it. */
import type { Origin, ViewPlan } from '../compiler/plan.ts'
import { type ArrivedColumn, type FoundColumn, type Misfit, REFUSED } from '../offline/accept-rows.ts'
import { literal, quote } from '../offline/dialect.ts'
import { enterable } from '../offline/new-rows.ts'
import { LARGE_ROW, LONG_KEY } from '../offline/storable-rows.ts'
import { EVENT } from '../offline/table.ts'
import type { OfflineEngine, Row } from '../runtime.ts'
import { MAX_ITEM_BYTES, MAX_KEY_BYTES } from '../storable/row-bytes.ts'
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

/** Whose rows they are, for messages: a view, or what else reads a source. */
export interface BatchSubject
  extends Pick<ViewPlan, 'joinKeys' | 'eventTimestamp' | 'piiKeys' | 'key' | 'origin'> {
  readonly features: readonly Pick<ViewPlan['features'][number], 'name' | 'pii'>[]
  /** @default the view of its key */
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

/** What became of the rows, and what may be done with them. */
const aside = ({ label: own }: BatchSubject): string =>
  own === undefined ? ', or set them aside with --quarantine' : ''

/** A query over the source failed, in the source or in the transformation. */
export const unreadable = (view: BatchSubject) => (error: unknown) => {
  // Not the source's fault, such as a full disk.
  if (error instanceof StoreError) throw error
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
function reasonOf(view: BatchSubject, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  const isPersonal = view.piiKeys.length > 0 || view.features.some(({ pii }) => pii)
  if (!isPersonal || BEFORE_ROWS.test(reason)) return reason
  const kind = /^[A-Za-z_ ]+(?=:)/.exec(reason)?.[0] ?? 'an error of the engine'
  return `${kind} (its text is left out: it may hold a value of a column marked pii)`
}

export function refuseColumns(
  view: BatchSubject,
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
  view: BatchSubject,
  sql: string | null,
): Promise<void> {
  const fault = await zoneFault(engine, sql).catch(unreadable(view))
  if (fault !== null)
    throw new StoreError(
      'columns-misfit',
      `${label(view)}: rows of ${nameOf(view.origin)}: ${fault}. Nothing was ingested.`,
    )
}

/** What is refused beside values that are not of their types: names of lib/offline/storable-rows.ts in words. */
const UNSTORABLE = {
  [LONG_KEY]: `entity keys of more than ${MAX_KEY_BYTES} bytes`,
  [LARGE_ROW]: `rows of more than ${MAX_ITEM_BYTES} bytes as an item of the online store`,
} as const

export interface RefusedBatch {
  /** SQL that stands after FROM: all rows, with {@link REFUSED}. */
  readonly rows: string
  /** A query of the rows that fail, just as they came, with {@link REFUSED}. */
  readonly refused: string
  readonly columns: readonly ArrivedColumn[]
  /** Names of columns of the source whose values are not shown, in lower case. */
  readonly pii: readonly string[]
}

/** @returns the error that names each column, how many rows fail in it, and the keys of some with the values that fail */
export async function refuseRows(
  engine: OfflineEngine,
  view: BatchSubject,
  batch: RefusedBatch,
): Promise<StoreError> {
  const { rows: all, refused, columns } = batch
  const names = [...columns.map(({ name }) => name), ...Object.keys(UNSTORABLE)]
  const fails = (name: string): string => `strpos(${REFUSED}, ${literal(`,${name},`)}) > 0`
  const [counts = {}] = await engine.rows(
    `select ${names.map(name => `count_if(${fails(name)}) as ${quote(name)}`).join(', ')} from ${all} b`,
  )
  const each = [
    ...columns.map(({ name, type }) => [name, `column ${name} (${type})`] as const),
    ...Object.entries(UNSTORABLE),
  ].flatMap(([name, label]) => (Number(counts[name]) > 0 ? [`${label}: ${counts[name]} rows`] : []))
  const shown = await engine.rows(
    `select ${columns.map(column => `${shownText(engine, column)} as ${quote(column.name)}`).join(', ')}, ${REFUSED}
     from (${refused}) r order by ${REFUSED}, ${columns.map((_, i) => i + 1).join(', ')} limit ${SHOWN}`,
  )
  return new StoreError(
    'rows-refused',
    `${label(view)}: rows of ${nameOf(view.origin)} cannot be stored as declared: ${each.join('; ')}; such as ${shown.map(row => describe(view, batch, row)).join('; ')}; correct them${aside(view)}. Nothing was ingested.`,
  )
}

/** Characters of a value that a message shows. */
const SHOWN_TEXT = 60

/** As it came, in the engine's words. */
const shownText = ({ dialect }: OfflineEngine, { from, found }: ArrivedColumn): string =>
  `coalesce(substr(${dialect.anyText(found.toLowerCase(), quote(from))}, 1, ${SHOWN_TEXT}), 'null')`

function describe(view: BatchSubject, { columns, pii }: RefusedBatch, row: Row): string {
  const failing = String(row[REFUSED]).slice(1, -1).split(',')
  const keys = [...view.joinKeys.map(({ name }) => name), EVENT, view.eventTimestamp]
  const isKey = ({ name }: ArrivedColumn): boolean => keys.includes(name)
  const values = [
    ...columns.filter(isKey),
    ...columns.filter(one => !isKey(one) && failing.includes(one.name)),
  ].map(({ name }) => `${name}=${isPersonal(view, pii, name) ? '(masked)' : row[name]}`)
  return `${values.join(' ')} (${failing.map(name => REASONS.get(name) ?? name).join(', ')})`
}

const REASONS = new Map([
  [LONG_KEY, 'entity key'],
  [LARGE_ROW, 'row'],
])

/** By the marks of the view, and of the source whose columns may come under their own names. */
const isPersonal = ({ features, piiKeys }: BatchSubject, pii: readonly string[], name: string): boolean =>
  piiKeys.includes(name) ||
  pii.includes(name.toLowerCase()) ||
  features.some(feature => feature.name === name && feature.pii)
