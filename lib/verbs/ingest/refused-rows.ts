/** Describes rows that fail the checks: their columns, values and places, and the accepted forms. */
import { type ArrivedColumn, REFUSED } from '../../offline/ingest/accept-rows.ts'
import { acceptedForm } from '../../offline/ingest/conversion.ts'
import { LARGE_EVENT, LARGE_ROW, LONG_KEY } from '../../offline/ingest/storable-rows.ts'
import { printable } from '../../offline/text/file-fault.ts'
import { type OfflineEngine, PLACE_COLUMNS, type Row } from '../../runtime.ts'
import { literal, quote } from '../../sql/dialect.ts'
import { MAX_COPY_BYTES, MAX_TILES_BYTES } from '../../storable/event-bytes.ts'
import { MAX_ITEM_BYTES, MAX_KEY_BYTES } from '../../storable/row-bytes.ts'

type Engine = Pick<OfflineEngine, 'rows' | 'dialect'>

/** Descriptions of the checks of lib/offline/ingest/storable-rows.ts, which are not about types. */
const UNSTORABLE = {
  [LONG_KEY]: `entity keys of more than ${MAX_KEY_BYTES} bytes`,
  [LARGE_ROW]: `rows of more than ${MAX_ITEM_BYTES} bytes as an item of the online store`,
  [LARGE_EVENT]: `events of more than ${MAX_TILES_BYTES} bytes in the items of their windows, or ${MAX_COPY_BYTES} where the view has windows of more than a day (texts that first, last and lastN keep, and ids)`,
} as const

export interface RefusedRows {
  /** The SQL after FROM that reads all rows, with the column {@link REFUSED}. */
  readonly rows: string
  /** A query that returns the failing rows unconverted, with the column {@link REFUSED}. */
  readonly refused: string
  readonly columns: readonly ArrivedColumn[]
  /** Whether the rows have the place columns. @default false */
  readonly isLocated?: boolean
}

/** Which columns a message may show. */
export interface RowWords {
  /** Columns that are shown in addition to the failing columns. */
  readonly keys: readonly string[]
  /** Whether the column is PII. Its values are not shown. */
  readonly isPersonal: (column: string) => boolean
}

/** The number of rows that a message shows. */
const SHOWN = 5

/** Lists each failing column with its number of rows, some rows with place, keys and failing values, and accepted forms. */
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

/** The number of characters of a value that a message shows. */
const SHOWN_TEXT = 60

/** The unconverted value, as the engine writes it. */
const shownText = ({ dialect }: Engine, { from, found }: ArrivedColumn): string =>
  `coalesce(substr(${dialect.anyText(found.toLowerCase(), quote(from))}, 1, ${SHOWN_TEXT}), 'null')`

/** A row's place, such as `data/a.csv line 7`. */
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
