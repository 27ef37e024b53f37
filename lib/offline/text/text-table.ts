/** SQL for a table of texts with a type for each column. DuckDB reads the bytes, but infers nothing. */
import { duckdb, literal, quote } from '../../sql/dialect.ts'
import { instantSql } from '../instant-sql.ts'

/** A column of a table of texts. */
export interface TextColumn {
  readonly name: string
  /** A DuckDB type; or `text` and `texts` (a list), which are converted later by the declared type. */
  readonly type: string
}

/** Files with the same columns in the same order, which are read with the same options. */
export interface TextFiles {
  readonly paths: readonly string[]
  readonly columns: readonly string[]
  readonly delimiter: string
  readonly hasHeader: boolean
  /**
   * If it is not set, DuckDB may detect the line ending from inside a field. If it is set to CRLF, DuckDB drops rows.
   * So CRLF files have no line breaks in fields.
   */
  readonly lineEnding: 'LF' | 'CRLF'
  /** True if fields contain line breaks. One thread must then read the whole file. */
  readonly hasBreaks: boolean
  readonly longestBytes: number
}

/** A path as a DuckDB literal, with its glob characters escaped. */
export const pathLiteral = (path: string): string =>
  literal(path.replaceAll(/[*?[]/g, character => `[${character}]`))

export const pathList = (paths: readonly string[]): string => `[${paths.map(pathLiteral).join(', ')}]`

/** The column with the path of a row's file. */
export const FILE = 'quern_file'

const DEFAULT_LINE_BYTES = 1_000_000

/**
 * A quoted empty field is an empty string, and an unquoted one is null. Every option is set, so that DuckDB detects
 * nothing.
 */
export function textRows({ paths, columns, ...files }: TextFiles): string {
  const options = [
    'auto_detect = false',
    `delim = ${literal(files.delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    "comment = ''",
    "nullstr = ''",
    'allow_quoted_nulls = false',
    'strict_mode = true',
    'null_padding = false',
    'ignore_errors = false',
    'normalize_names = false',
    "compression = 'none'",
    "encoding = 'utf-8'",
    'hive_partitioning = false',
    `filename = '${FILE}'`,
    `header = ${files.hasHeader}`,
    ...(files.lineEnding === 'LF' ? ["new_line = '\\n'"] : []),
    ...(files.hasBreaks ? ['parallel = false'] : []),
    ...(files.longestBytes > DEFAULT_LINE_BYTES ? [`max_line_size = ${files.longestBytes * 2}`] : []),
    `columns = {${columns.map((_, i) => `c${i}: 'VARCHAR'`).join(', ')}}`,
  ]
  return `read_csv(${pathList(paths)}, ${options.join(', ')})`
}

/** Converts a text to the type of its column. */
export function typedText(text: string, type: string): string {
  if (type === 'text' || type === 'VARCHAR') return text
  if (type === '"NULL"') return 'null'
  if (type.startsWith('TIMESTAMP') && !type.endsWith(']')) return typedInstant(text, type)
  const element = /^(.*)\[\]$/.exec(type)?.[1]
  if (element === undefined && type !== 'texts') return `cast(${text} as ${type})`
  const list = `from_json(${text}, '["VARCHAR"]')`
  return element === undefined || element === 'VARCHAR'
    ? list
    : `list_transform(${list}, lambda e: ${typedText('e', element)})`
}

/** DuckDB parses most forms itself. `10:00 UTC` must first get seconds. A text that neither parses is an error. */
const typedInstant = (text: string, type: string): string =>
  `coalesce(try_cast(${text} as ${type}), cast(${instantSql(duckdb, text)} as ${type}), cast(${text} as ${type}))`

/** A SELECT of the columns of some files. */
export function textSelect(
  files: TextFiles,
  columns: readonly TextColumn[],
  partitions: string | null,
): string {
  const select = columns.map(({ name, type }) => {
    const at = files.columns.findIndex(other => other.toLowerCase() === name.toLowerCase())
    return at < 0 ? null : `${typedText(`f.c${at}`, type)} as ${quote(name)}`
  })
  const own = select.filter(column => column !== null)
  return `select ${own.join(', ')}${partitions === null ? '' : ', p.* exclude (quern_path)'} from ${textRows(files)} f${
    partitions === null ? '' : ` join ${partitions} p on f.${FILE} = p.quern_path`
  }`
}

/** A table of the partition values of each file. */
export function partitionTable(
  columns: readonly TextColumn[],
  files: readonly { readonly path: string; readonly values: readonly (string | null)[] }[],
): string {
  const names = ['quern_path', ...columns.map((_, i) => `v${i}`)]
  const rows = files.map(
    ({ path, values }) =>
      `(${[literal(path), ...values.map(value => (value === null ? 'cast(null as varchar)' : literal(value)))].join(', ')})`,
  )
  const typed = columns.map(({ name, type }, i) => `${typedText(`v${i}`, type)} as ${quote(name)}`)
  return `(select ${['quern_path', ...typed].join(', ')} from (values ${rows.join(', ')}) v (${names.join(', ')}))`
}
