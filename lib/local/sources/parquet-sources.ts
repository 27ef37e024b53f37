/** Opens Parquet sources: reads the schema of each file, then unites the schemas. */

import { acceptedForm, conversion } from '../../offline/ingest/conversion.ts'
import { Readings } from '../../offline/text/readings.ts'
import { FILE, partitionTable, pathList, type TextColumn } from '../../offline/text/text-table.ts'
import type { Column } from '../../plan/plan.ts'
import { type EngineColumn, type OfflineEngine, PLACE_COLUMNS, type Row } from '../../runtime.ts'
import { duckdb, quote } from '../../sql/dialect.ts'
import { StoreError } from '../../store-error.ts'
import { checkNanoseconds } from './parquet-nanoseconds.ts'
import { checkAlike, checkOwnNames, checkRenamed, partitionNames } from './source-columns.ts'
import type { SourceFile } from './source-paths.ts'

export interface ParquetSourceProps {
  readonly source: string
  readonly declared: readonly Column[]
  readonly files: readonly SourceFile[]
  readonly engine: Pick<OfflineEngine, 'rows' | 'columns'>
  /** Columns, in lower case, whose values must not appear in messages. */
  readonly hidden: ReadonlySet<string>
  /** Whether each row has its file and row number. @default false */
  readonly withPlaces?: boolean
}

/** Files of one schema. */
interface FileGroup {
  readonly files: readonly SourceFile[]
  readonly columns: readonly EngineColumn[]
}

/**
 * @returns SQL for a FROM clause
 * @throws {StoreError} `source-unreadable`, `columns-misfit`
 */
export async function openParquet(props: ParquetSourceProps): Promise<string> {
  const { source, declared, files, withPlaces = false } = props
  const groups = await groupsOf(props)
  const byFile = groups.flatMap(group =>
    group.files.map(file => ({ name: file.name, columns: group.columns.map(column => column.name) })),
  )
  checkAlike(source, byFile)
  checkRenamed(source, declared, byFile)
  const types = await columnTypes(props, groups)
  const partitions = partitionTypes(source, declared, files, types)
  const rows = files.flatMap(({ path, name, partitions: values }) => ({
    path,
    values: [...values.map(({ value }) => value), ...(withPlaces ? [name, 'row'] : [])],
  }))
  const beside = withPlaces ? [...partitions, ...PLACE] : partitions
  const table = beside.length === 0 ? null : partitionTable(beside, rows)
  const selects = groups.map(group => groupSelect(group, types, table, withPlaces))
  return `(${selects.join('\nunion all by name\n')})`
}

const PLACE: readonly TextColumn[] = [
  { name: PLACE_COLUMNS.file, type: 'text' },
  { name: PLACE_COLUMNS.unit, type: 'text' },
]

const readParquet = (files: readonly SourceFile[]): string =>
  `read_parquet(${pathList(files.map(({ path }) => path))}, union_by_name = true, hive_partitioning = false, filename = '${FILE}')`

/** DuckDB counts rows from 0. If the file has a column of the same name, the row number is not available. */
const rowNumber = (names: readonly string[]): string =>
  names.some(name => name.toLowerCase() === 'file_row_number')
    ? 'cast(null as bigint)'
    : 'f.file_row_number + 1'

function groupSelect(
  { files, columns }: FileGroup,
  types: ReadonlyMap<string, UnitedColumn>,
  partitions: string | null,
  withPlaces: boolean,
): string {
  const select = columns.map(({ name, type }) => {
    const united = types.get(name.toLowerCase())
    const column = `f.${quote(name)}`
    return `${united?.value(column, type) ?? column} as ${quote(united?.name ?? name)}`
  })
  const names = columns.map(({ name }) => name)
  if (withPlaces) select.push(`${rowNumber(names)} as ${PLACE_COLUMNS.line}`)
  return `select ${select.join(', ')}${partitions === null ? '' : ', p.* exclude (quern_path)'} from ${readParquet(files)} f${
    partitions === null ? '' : ` join ${partitions} p on f.${FILE} = p.quern_path`
  }`
}

/** Groups files with exactly the same schema. */
async function groupsOf(props: ParquetSourceProps): Promise<readonly FileGroup[]> {
  const { source, files, engine } = props
  const rows = await engine
    .rows(
      `select file_name, md5(string_agg(concat_ws('|', name, type, num_children, converted_type, logical_type, "precision", scale, duckdb_type), chr(10) order by column_id)) as schema_hash
      from parquet_schema(${pathList(files.map(({ path }) => path))}) group by file_name`,
    )
    .catch(unreadable(source, files))
  const hashes = new Map(rows.map(row => [String(row['file_name']), String(row['schema_hash'])]))
  const groups = Map.groupBy(files, ({ path }) => hashes.get(path))
  return Promise.all([...groups.values()].map(group => fileGroup(props, group)))
}

async function fileGroup(props: ParquetSourceProps, files: readonly SourceFile[]): Promise<FileGroup> {
  const { source, declared, engine } = props
  const [first] = files
  if (first === undefined) throw new Error('a group has a file')
  const schema = await engine.rows(
    `select name, coalesce(num_children, 0) as children, type, concat_ws(' ', converted_type, logical_type) as meaning, duckdb_type from parquet_schema(${pathList([first.path])}) order by column_id`,
  )
  const columns = parquetColumns(schema)
  checkOwnNames(source, columns)
  refuseSameName(source, first, columns)
  refuseWideDecimals(source, declared, first, columns)
  refuseFineTimes(source, first, columns)
  const nanoseconds = columns.filter(({ leaves }) => leaves.some(isCut)).map(({ name }) => name)
  if (nanoseconds.length > 0)
    for (const file of files)
      await checkNanoseconds({ source, file, columns: nanoseconds, hidden: props.hidden })
  return { files, columns: await engine.columns(`select * exclude (${FILE}) from ${readParquet([first])}`) }
}

/** A top-level column and its nested schema elements. */
interface ParquetColumn {
  readonly name: string
  readonly leaves: readonly Row[]
}

/** Parquet lists the schema tree in depth-first order. */
function parquetColumns(schema: readonly Row[]): readonly ParquetColumn[] {
  const columns: ParquetColumn[] = []
  for (let at = 1; at < schema.length; ) {
    let end = at
    for (let open = 1; open > 0; end++) open += Number(schema[end]?.['children'] ?? 0) - 1
    columns.push({ name: String(schema[at]?.['name']), leaves: schema.slice(at, end) })
    at = end
  }
  return columns
}

/** Whether DuckDB would truncate the values to microseconds. */
const isCut = (leaf: Row): boolean =>
  leaf['type'] === 'INT96' || /TimestampType\(isAdjustedToUTC=1.*NANOS=Nano/.test(String(leaf['meaning']))

/** DuckDB also truncates times of day, and no other reader here can check them. */
function refuseFineTimes(source: string, { name }: SourceFile, columns: readonly ParquetColumn[]): void {
  const fine = columns.find(({ leaves }) =>
    leaves.some(leaf => /TimeType\(.*NANOS=Nano/.test(String(leaf['meaning']))),
  )
  if (fine === undefined) return
  throw new StoreError(
    'columns-misfit',
    `source '${source}': file ${name}: column ${fine.name} is a time of day in nanoseconds, which would be cut to microseconds; write it in microseconds, or as text. Nothing was read.`,
  )
}

function refuseSameName(source: string, { name }: SourceFile, columns: readonly ParquetColumn[]): void {
  const byName = Map.groupBy(columns, column => column.name.toLowerCase())
  const same = [...byName.values()].find(group => group.length > 1)
  if (same === undefined) return
  throw new StoreError(
    'columns-misfit',
    `source '${source}': file ${name}: columns ${same.map(column => column.name).join(' and ')} differ in case only, and are one to every engine; rename one of them`,
  )
}

const unreadable = (source: string, files: readonly SourceFile[]) => (error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error)
  const name =
    files.find(({ path }) => reason.includes(path))?.name ?? files.map(file => file.name).join(', ')
  throw new StoreError(
    'source-unreadable',
    `source '${source}': file ${name} is no whole Parquet file (${reason.split('\n')[0]}); put the whole file there, or correct the source's format`,
    { cause: error },
  )
}

const isFloat = (declared: readonly Column[], name: string): boolean =>
  declared.some(column => column.name.toLowerCase() === name.toLowerCase() && /^float/.test(column.type))

/** DuckDB rounds decimals of more than 38 digits to doubles. */
function refuseWideDecimals(
  source: string,
  declared: readonly Column[],
  { name }: SourceFile,
  columns: readonly ParquetColumn[],
): void {
  const wide = columns.find(
    column =>
      !isFloat(declared, column.name) &&
      column.leaves.some(
        leaf => leaf['duckdb_type'] === 'DOUBLE' && /decimal/i.test(String(leaf['meaning'])),
      ),
  )
  if (wide === undefined) return
  throw new StoreError(
    'columns-misfit',
    `source '${source}': file ${name}: column ${wide.name} is a decimal of more than 38 digits; write it with at most 38, or as text`,
  )
}

/** A column over several files, in one type that holds all values without loss. */
interface UnitedColumn {
  readonly name: string
  /** Expression that converts a file's column of the given type. */
  readonly value: (column: string, type: string) => string
}

async function columnTypes(
  props: ParquetSourceProps,
  groups: readonly FileGroup[],
): Promise<ReadonlyMap<string, UnitedColumn>> {
  const united = new Map<string, UnitedColumn>()
  const names = new Set(groups.flatMap(({ columns }) => columns.map(({ name }) => name.toLowerCase())))
  for (const key of names) {
    const parts = groups.flatMap(({ files, columns }) =>
      columns
        .filter(({ name }) => name.toLowerCase() === key)
        .map(column => ({ files, names: columns.map(({ name }) => name), ...column })),
    )
    united.set(key, await unite(props, key, parts))
  }
  return united
}

interface Part extends EngineColumn {
  readonly files: readonly SourceFile[]
  /** Names of all columns of the files. */
  readonly names: readonly string[]
}

const NULL_TYPE = '"NULL"'

async function unite(props: ParquetSourceProps, key: string, parts: readonly Part[]): Promise<UnitedColumn> {
  const declared = props.declared.find(({ name }) => name.toLowerCase() === key)
  const name = declared?.name ?? parts[0]?.name ?? key
  const types = [...new Set(parts.map(({ type }) => type))].filter(type => type !== NULL_TYPE)
  if (types.length === 0) return { name, value: () => 'null' }
  if (types.length === 1) return { name, value: (column, type) => (type === NULL_TYPE ? 'null' : column) }
  return declared === undefined ? undeclared(props, name, parts, types) : asDeclared(props, declared, parts)
}

interface FailingValues {
  /** The first file with a failing value. */
  readonly files: readonly SourceFile[]
  /** Number of failing values and the first one, such as `2 of its values, the first of them 1.5 in row 7, are`. */
  readonly words: string
}

/** Finds values of a column for which a condition holds, over files of one schema. */
async function failingValues(
  { engine, hidden }: ParquetSourceProps,
  { files, name, names }: Pick<Part, 'files' | 'name' | 'names'>,
  fails: string,
): Promise<FailingValues | null> {
  const column = quote(name)
  const rows = `${readParquet(files)} f where ${fails}`
  const [count] = await engine.rows(`select count(*) as failing from ${rows}`)
  if (Number(count?.['failing']) === 0) return null
  const [first = {}] = await engine.rows(
    `select cast(${column} as varchar) as text, ${FILE} as path, ${rowNumber(names)} as row_number from ${rows} order by path, row_number limit 1`,
  )
  const place = first['row_number'] === null ? '' : ` in row ${first['row_number']}`
  const value = hidden.has(name.toLowerCase()) ? 'one' : String(first['text'])
  return {
    files: files.filter(({ path }) => path === first['path']),
    words: `${count?.['failing']} of its values, the first of them ${value}${place}, are`,
  }
}

/** Converts each file's values to the declared type; refuses values that do not fit and names the file. */
async function asDeclared(
  props: ParquetSourceProps,
  column: Column,
  parts: readonly Part[],
): Promise<UnitedColumn> {
  const { source } = props
  const convert = (value: string, type: string) => conversion(duckdb, value, type, column.type)
  for (const part of parts) {
    const { files, name, type } = part
    const converted = convert(quote(name), type)
    if (converted === null)
      throw misfit(source, files, `column ${name} is ${type}, from which no ${column.type} can be made`)
    if (converted.fails === null) continue
    const failing = await failingValues(props, part, converted.fails)
    if (failing !== null)
      throw misfit(
        source,
        failing.files,
        `column ${name} is ${type}; ${failing.words} no ${column.type} without loss, which is ${acceptedForm(column.type)}`,
      )
  }
  return { name: column.name, value: (value, type) => convert(value, type)?.value ?? 'null' }
}

const misfit = (source: string, files: readonly SourceFile[], what: string): StoreError =>
  new StoreError(
    'columns-misfit',
    `source '${source}': file ${files
      .map(({ name }) => name)
      .slice(0, 3)
      .join(', ')}: ${what}; write all files with one type, or cast it there. Nothing was read.`,
  )

const INTEGER = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/
const DECIMAL = /^DECIMAL\((\d+),(\d+)\)$/

/** Integer digits and fraction digits of a type. */
function digitsOf(type: string): readonly [number, number] | null {
  const [, precision, scale] = DECIMAL.exec(type) ?? []
  if (precision !== undefined) return [Number(precision) - Number(scale), Number(scale)]
  const whole = { TINYINT: 3, SMALLINT: 5, INTEGER: 10, BIGINT: 19, HUGEINT: 38 }[type.replace(/^U/, '')]
  return whole === undefined ? null : [type === 'UBIGINT' ? 20 : whole, 0]
}

/** Unites types only if no value changes. */
async function undeclared(
  props: ParquetSourceProps,
  name: string,
  parts: readonly Part[],
  types: readonly string[],
): Promise<UnitedColumn> {
  const { source } = props
  const differ = misfit(
    source,
    parts.flatMap(({ files }) => files.slice(0, 1)),
    `column ${name} is ${types.join(' here and ')} there; declare what it is: columns: { ${name}: … }`,
  )
  const one = uniteTypes(types)
  if (one === null) throw differ
  if (one === 'DOUBLE')
    for (const part of parts.filter(each => INTEGER.test(each.type))) {
      const { name: own, type } = part
      const fails = `cast(${quote(own)} as hugeint) not between -9007199254740992 and 9007199254740992`
      const failing = await failingValues(props, part, fails)
      if (failing !== null)
        throw misfit(
          source,
          failing.files,
          `column ${name} is ${type}, and a float in other files; ${failing.words} beyond 2^53; declare what it is: columns: { ${name}: … }`,
        )
    }
  return { name, value: (column, type) => (type === NULL_TYPE ? 'null' : `cast(${column} as ${one})`) }
}

function uniteTypes(types: readonly string[]): string | null {
  if (types.every(type => INTEGER.test(type)))
    return types.some(type => /HUGEINT|UBIGINT/.test(type)) ? 'HUGEINT' : 'BIGINT'
  const digits = types.map(digitsOf)
  if (types.every(type => /^(FLOAT|DOUBLE)$/.test(type) || INTEGER.test(type))) return 'DOUBLE'
  if (digits.every(each => each !== null)) {
    const whole = Math.max(...digits.map(([left]) => left))
    const scale = Math.max(...digits.map(([, right]) => right))
    return whole + scale <= 38 ? `DECIMAL(${whole + scale},${scale})` : null
  }
  if (types.every(type => /^TIMESTAMP(_S|_MS)?$/.test(type) || type === 'DATE')) return 'TIMESTAMP'
  const elements = types.map(type => /^(.*)\[\]$/.exec(type)?.[1])
  if (elements.some(element => element === undefined)) return null
  const element = uniteTypes(elements.filter(each => each !== undefined && each !== NULL_TYPE).map(String))
  return element === null || element === 'DOUBLE' ? null : `${element}[]`
}

/** Types of partition columns; their values are text. */
function partitionTypes(
  source: string,
  declared: readonly Column[],
  files: readonly SourceFile[],
  types: ReadonlyMap<string, UnitedColumn>,
): readonly TextColumn[] {
  return partitionNames(source, files).map((name, i) => {
    if (types.has(name.toLowerCase()))
      throw misfit(
        source,
        files.slice(0, 1),
        `column ${name} is in the file and, as ${name}=…, in the name of its folder`,
      )
    const column = declared.find(other => other.name.toLowerCase() === name.toLowerCase())
    if (column !== undefined) return { name: column.name, type: 'text' }
    const readings = new Readings()
    for (const { partitions } of files) {
      const bytes = Buffer.from(partitions[i]?.value ?? '')
      if (partitions[i]?.value !== null) readings.addText(bytes, 0, bytes.length, 1)
    }
    const reading = readings.typeOf('csv')
    if ('type' in reading) return { name, type: reading.type }
    const { examples, why } = reading.refused
    throw misfit(
      source,
      files.slice(0, 1),
      `folders ${name}=${examples.map(({ text }) => text).join(', ')}: the value ${why}`,
    )
  })
}
