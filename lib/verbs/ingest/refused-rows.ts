/** What is wrong with rows that are not of their types, in words: columns, values, where they lie, and what is accepted. */
import { type ArrivedColumn, REFUSED } from '../../offline/ingest/accept-rows.ts'
import { acceptedForm } from '../../offline/ingest/conversion.ts'
import { LARGE_EVENT, LARGE_ROW, LONG_KEY } from '../../offline/ingest/storable-rows.ts'
import { printable } from '../../offline/text/file-fault.ts'
import { type OfflineEngine, PLACE_COLUMNS, type Row } from '../../runtime.ts'
import { literal, quote } from '../../sql/dialect.ts'
import { MAX_COPY_BYTES, MAX_TILES_BYTES } from '../../storable/event-bytes.ts'
import { MAX_ITEM_BYTES, MAX_KEY_BYTES } from '../../storable/row-bytes.ts'

type Engine = Pick<OfflineEngine, 'rows' | 'dialect'>

/** What is refused beside values that are not of their types: names of lib/offline/ingest/storable-rows.ts in words. */
const UNSTORABLE = {
  [LONG_KEY]: `entity keys of more than ${MAX_KEY_BYTES} bytes`,
  [LARGE_ROW]: `rows of more than ${MAX_ITEM_BYTES} bytes as an item of the online store`,
  [LARGE_EVENT]: `events of more than ${MAX_TILES_BYTES} bytes in the items of their windows, or ${MAX_COPY_BYTES} where the view has windows of more than a day (texts that first, last and lastN keep, and ids)`,
} as const

export interface RefusedRows {
  /** SQL that stands after FROM: all rows, with {@link REFUSED}. */
  readonly rows: string
  /** A query of the rows that fail, just as they came, with {@link REFUSED}. */
  readonly refused: string
  readonly columns: readonly ArrivedColumn[]
  /** Has a row the columns of its place in a file? @default false */
  readonly isLocated?: boolean
}

/** What a message may say of a row. */
export interface RowWords {
  /** Columns that are shown beside those that fail. */
  readonly keys: readonly string[]
  /** Is it a column whose values are not shown? */
  readonly isPersonal: (column: string) => boolean
}

/** Rows that a message shows. */
const SHOWN = 5

/** Names each column, how many rows fail in it, some rows by place and keys with the values that fail, and what is accepted. */
export async function describeRefused(engine: Engine, batch: RefusedRows, words: RowWords): Promise<string> {
  const { rows: all, columns } = batch
  const names = [...columns.map(({ name }) => name), ...Object.keys(UNSTORABLE)]
  const fails = (name: string): string => `strpos(${REFUSED}, ${literal(`,${name},`)}) > 0`
  const [counts = {}] = await engine.rows(
    `select ${names.map(name => `count_if(${fails(name)}) as ${quote(name)}`).join(', ')} from ${all} b`,
  )
  const failing = columns.filter(({ name }) => Number(counts[name]) > 0)
  const each = [
    ...columns.map(({ name, type }) => [name, `column ${name} (${type})`] as const),
    ...Object.entries(UNSTORABLE),
  ].flatMap(([name, label]) => (Number(counts[name]) > 0 ? [`${label}: ${counts[name]} rows`] : []))
  const shown = await engine.rows(examples(engine, batch))
  const forms = [...new Set(failing.map(({ type }) => `${type} is ${acceptedForm(type)}`))]
  const such = shown.map(row => describe(batch, words, row)).join('; ')
  return [`${each.join('; ')}; such as ${such}`, ...forms].join('; ')
}

/** The first rows of each kind of failure. */
function examples(engine: Engine, { refused, columns, isLocated = false }: RefusedRows): string {
  const values = columns.map(column => `${shownText(engine, column)} as ${quote(column.name)}`)
  const places = isLocated ? Object.values(PLACE_COLUMNS) : []
  const inFiles = [PLACE_COLUMNS.file, PLACE_COLUMNS.line]
  const order = (isLocated ? inFiles : columns.map(({ name }) => quote(name))).join(', ')
  return `select * from (
    select s.*, row_number() over (partition by ${REFUSED} order by ${order}) as quern_nth
    from (select ${[...values, ...places, REFUSED].join(', ')} from (${refused}) r) s
  ) n order by quern_nth, ${isLocated ? order : `${REFUSED}, ${order}`} limit ${SHOWN}`
}

/** Characters of a value that a message shows. */
const SHOWN_TEXT = 60

/** As it came, in the engine's words. */
const shownText = ({ dialect }: Engine, { from, found }: ArrivedColumn): string =>
  `coalesce(substr(${dialect.anyText(found.toLowerCase(), quote(from))}, 1, ${SHOWN_TEXT}), 'null')`

/** Where a row lies, such as `data/a.csv line 7`. */
export function placeOf(row: Row): string {
  const { file, unit, line } = PLACE_COLUMNS
  return row[line] === null ? String(row[file]) : `${row[file]} ${row[unit]} ${row[line]}`
}

function describe({ columns, isLocated = false }: RefusedRows, words: RowWords, row: Row): string {
  const failing = String(row[REFUSED]).slice(1, -1).split(',')
  const isKey = ({ name }: ArrivedColumn): boolean => words.keys.includes(name)
  const values = [
    ...columns.filter(isKey),
    ...columns.filter(one => !isKey(one) && failing.includes(one.name)),
  ].map(({ name }) => `${name}=${words.isPersonal(name) ? '(masked)' : printable(String(row[name]))}`)
  const place = isLocated ? `${placeOf(row)}: ` : ''
  return `${place}${values.join(' ')} (${failing.map(name => REASONS.get(name) ?? name).join(', ')})`
}

const REASONS = new Map([
  [LONG_KEY, 'entity key'],
  [LARGE_ROW, 'row'],
  [LARGE_EVENT, 'event'],
])
