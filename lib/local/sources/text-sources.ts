/** Opens CSV and JSON lines. One pass checks every byte. Then DuckDB reads the files, or an unambiguous copy of them. */
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { shapeOf } from '../../definition/value-types.ts'
import { emptyTable } from '../../offline/table.ts'
import { FileFault } from '../../offline/text/file-fault.ts'
import { Readings } from '../../offline/text/readings.ts'
import {
  type CellForm,
  copyText,
  needsCopy,
  scanText,
  type TextFacts,
  type TextFormat,
} from '../../offline/text/text-file.ts'
import { partitionTable, type TextColumn, type TextFiles, textSelect } from '../../offline/text/text-table.ts'
import type { Column } from '../../plan/plan.ts'
import { PLACE_COLUMNS } from '../../runtime.ts'
import { duckdb } from '../../sql/dialect.ts'
import { StoreError } from '../../store-error.ts'
import { checkAlike, checkOwnNames, checkRenamed, partitionNames } from './source-columns.ts'
import type { SourceFile } from './source-paths.ts'
import { CompressionFault, isCompressed, readText } from './text-bytes.ts'
import { TextWriter } from './text-writer.ts'

export interface TextSourceProps {
  /** Name of the source, for messages. */
  readonly source: string
  readonly format: TextFormat
  readonly files: readonly HashedFile[]
  /** Folder for copies. */
  readonly scratch: string
  readonly copies: TextCopies
  /** Columns, in lower case, whose values must not appear in messages. */
  readonly hidden: ReadonlySet<string>
}

export interface HashedFile extends SourceFile {
  /** SHA-256 of its bytes. */
  readonly hash: string
}

/**
 * @returns SQL for a FROM clause
 * @throws {StoreError} `source-unreadable`, `columns-misfit`
 */
export async function openText(props: TextSourceProps): Promise<string> {
  const scanned = await Promise.all(props.files.map(async file => ({ file, facts: await scan(props, file) })))
  const found = new Map<string, FoundColumn>()
  for (const one of scanned) addColumns(found, props.format.declared, one)
  const partitions = partitionColumns(props, found)
  checkDeclared(props, scanned, [...found.values(), ...partitions])
  checkOwnNames(props.source, [...found.values(), ...partitions])
  const columns = [...found.values()].map(column => typed(props, column))
  if (columns.length === 0 && props.format.declared.length > 0)
    return emptyTable(duckdb, props.format.declared)
  if (columns.length === 0) throw noColumns(props)
  const readable = await Promise.all(scanned.map(one => readableFiles(props, one, columns)))
  const folders = partitions.map(column => typed(props, column))
  return props.format.withLines === true
    ? relation(readable, [...columns, LINE_COLUMN], [...folders, ...PLACE], placed)
    : relation(readable, columns, folders, ({ partitions: values }) => values.map(({ value }) => value))
}

const LINE_COLUMN: TextColumn = { name: PLACE_COLUMNS.line, type: 'BIGINT' }
/** Values that are the same for all rows of a file are added like partition values. */
const PLACE: readonly TextColumn[] = [
  { name: PLACE_COLUMNS.file, type: 'text' },
  { name: PLACE_COLUMNS.unit, type: 'text' },
]
const placed = ({ partitions, name }: SourceFile): readonly (string | null)[] => [
  ...partitions.map(({ value }) => value),
  name,
  'line',
]

interface Scanned {
  readonly file: HashedFile
  readonly facts: TextFacts
}

interface FoundColumn {
  readonly name: string
  readonly declared: Column | null
  readonly readings: Readings
}

/** Scan results by the hash of the file and the options of the scan: several views may share a source. */
const scans = new LRUCache<string, TextFacts>({ max: 1_000 })

async function scan(props: TextSourceProps, file: HashedFile): Promise<TextFacts> {
  const { format, delimiter = ',', nulls = [], declared } = props.format
  const key = JSON.stringify([file.hash, format, delimiter, nulls, isCompressed(file.path), declared])
  const known = scans.get(key)
  if (known !== undefined) return known
  const pass = scanText(props.format)
  await readText(file.path, pass).catch(unreadable(props, file))
  const facts = pass.facts()
  scans.set(key, facts)
  return facts
}

const unreadable =
  (props: TextSourceProps, { name }: SourceFile) =>
  (error: unknown) => {
    if (!(error instanceof FileFault || error instanceof CompressionFault)) throw error
    const remedy = error instanceof CompressionFault ? '; put the whole file there' : ''
    throw new StoreError(
      'source-unreadable',
      `source '${props.source}': file ${name}: ${messageOf(props, error)}${remedy}. Nothing of it was read.`,
      { cause: error },
    )
  }

function messageOf({ hidden }: TextSourceProps, error: FileFault | CompressionFault): string {
  if (error instanceof CompressionFault) return error.message
  const column = error.column === null ? '' : ` column ${error.column}:`
  return `line ${error.line}:${column} ${error.sentence}${error.what === '' || hidden.size > 0 ? '' : `; there is: ${error.what}`}`
}

/** Names that differ only in case are one column. A declared column keeps its declared name. */
function addColumns(
  found: Map<string, FoundColumn>,
  declared: readonly Column[],
  { file, facts }: Scanned,
): void {
  for (const [i, name] of facts.names.entries()) {
    const key = name.toLowerCase()
    const known = declared.find(column => column.name.toLowerCase() === key) ?? null
    const column = found.get(key) ?? { name: known?.name ?? name, declared: known, readings: new Readings() }
    found.set(key, column)
    const readings = facts.readings[i]
    if (readings) column.readings.merge(readings, file.name)
  }
}

/** Either all files have the same partition columns, or none has any. */
function partitionColumns(
  { source, files, format }: TextSourceProps,
  found: ReadonlyMap<string, FoundColumn>,
): readonly FoundColumn[] {
  return partitionNames(source, files).map((name, i) => {
    refuseBoth(source, found, name)
    const declared = format.declared.find(column => column.name.toLowerCase() === name.toLowerCase()) ?? null
    const readings = new Readings()
    for (const { partitions } of files) {
      const bytes = Buffer.from(partitions[i]?.value ?? '')
      if (partitions[i]?.value !== null) readings.addText(bytes, 0, bytes.length, 1)
    }
    return { name: declared?.name ?? name, declared, readings }
  })
}

function refuseBoth(source: string, found: ReadonlyMap<string, unknown>, name: string): void {
  if (!found.has(name.toLowerCase())) return
  throw new StoreError(
    'columns-misfit',
    `source '${source}': column ${name} is in its files and, as ${name}=…, in the names of their folders; rename the folders or the column`,
  )
}

/**
 * A declared column that no file has is misspelt. If a CSV file lacks a declared column, and has a column that no
 * other file has, the column was renamed.
 */
function checkDeclared(
  { source, format }: TextSourceProps,
  scanned: readonly Scanned[],
  found: readonly FoundColumn[],
): void {
  const there = new Set(found.map(({ name }) => name.toLowerCase()))
  const missing = format.declared.filter(({ name }) => !there.has(name.toLowerCase()))
  const rows = scanned.reduce((sum, { facts }) => sum + facts.rows, 0)
  if (missing.length > 0 && (rows > 0 || format.format === 'csv'))
    throw new StoreError(
      'columns-misfit',
      `source '${source}': no ${format.format === 'csv' ? 'header' : 'line'} of its files has column ${missing.map(({ name }) => `'${name}'`).join(', ')}, which must be there; there is: ${[...there].join(', ')}; correct its name here or there${delimiterHint(format, found)}. Nothing was read.`,
    )
  if (format.format !== 'csv') return
  const files = scanned.map(({ file, facts }) => ({ name: file.name, columns: facts.names }))
  const hint = (columns: readonly string[]): string =>
    delimiterHint(
      format,
      columns.map(name => ({ name })),
    )
  checkAlike(source, files, hint)
  checkRenamed(source, format.declared, files)
}

/** A header with only one name may use another delimiter. */
function delimiterHint(
  { format, delimiter = ',' }: TextFormat,
  found: readonly { readonly name: string }[],
): string {
  const [only] = found
  const other = [',', ';', '\t', '|'].find(one => one !== delimiter && only?.name.includes(one) === true)
  if (format !== 'csv' || found.length !== 1 || other === undefined) return ''
  return `, or declare what separates the fields of a source: csv: { delimiter: ${JSON.stringify(other).replaceAll('"', "'")} }`
}

const noColumns = ({ source, files }: TextSourceProps): StoreError =>
  new StoreError(
    'columns-misfit',
    `source '${source}': no line of its files (${files[0]?.name ?? ''}) has a name, so that it has no column; declare its columns, or write its rows. Nothing was read.`,
  )

interface TypedColumn extends TextColumn {
  readonly cell: CellForm
}

function typed({ source, format, hidden }: TextSourceProps, column: FoundColumn): TypedColumn {
  const { name, declared, readings } = column
  if (declared !== null) {
    const isList = shapeOf(declared.type).kind !== 'scalar'
    return { name, type: isList ? 'texts' : 'text', cell: isList ? 'list' : 'text' }
  }
  const reading = readings.typeOf(format.format)
  if ('type' in reading)
    return {
      name,
      type: reading.type,
      cell: reading.type === 'JSON' ? 'json' : reading.type.endsWith(']') ? 'list' : 'text',
    }
  const { examples, why, declare } = reading.refused
  const values = examples.map(({ text, line, file }) => {
    const place = file === null ? `line ${line}` : `${file} line ${line}`
    return hidden.has(name.toLowerCase()) ? place : `'${text}' (${place})`
  })
  throw new StoreError(
    'columns-misfit',
    `source '${source}': column ${name}: ${values.join(' and ')} ${why}. Correct the values; or, of a source, declare the column: columns: { ${name}: ${declare} }. Nothing was read.`,
  )
}

/** The file itself, or a copy that DuckDB reads correctly. */
async function readableFiles(
  props: TextSourceProps,
  { file, facts }: Scanned,
  columns: readonly TypedColumn[],
): Promise<Readable> {
  const { format, copies } = props
  const withLines = format.withLines === true
  if (!withLines && facts.form !== null && !isCompressed(file.path) && !needsCopy(format, facts))
    return {
      file,
      columns: facts.names,
      paths: [file.path],
      delimiter: format.delimiter ?? ',',
      hasHeader: true,
      lineEnding: facts.form.crlf ? 'CRLF' : 'LF',
      hasBreaks: facts.form.breaksInFields,
      longestBytes: facts.form.longestBytes,
    }
  const cells = facts.names.map(
    name => columns.find(column => column.name.toLowerCase() === name.toLowerCase())?.cell ?? 'text',
  )
  const key = JSON.stringify([
    file.hash,
    isCompressed(file.path),
    facts.names,
    cells,
    format.delimiter,
    format.nulls,
    withLines,
  ])
  const copy = copies.get(key) ?? copyOf(props, file, facts, cells)
  copies.set(key, copy)
  return { file, ...(await copy.catch(forget(copies, key))) }
}

const forget = (copies: TextCopies, key: string) => (error: unknown) => {
  copies.delete(key)
  throw error
}

/** Copies by content; the oldest are removed. */
export type TextCopies = LRUCache<string, Promise<TextFiles>>

const MAX_COPIES = 200

export const textCopies = (): TextCopies =>
  new LRUCache({
    max: MAX_COPIES,
    dispose: copy =>
      void copy.then(
        ({ paths }) => Promise.all(paths.map(path => rm(path, { force: true }))),
        () => {},
      ),
  })

async function copyOf(
  props: TextSourceProps,
  file: HashedFile,
  facts: TextFacts,
  cells: readonly CellForm[],
): Promise<TextFiles> {
  const path = join(props.scratch, `${randomUUID()}.csv`)
  const writer = await TextWriter.open(path)
  const copy = copyText(props.format, facts, cells, writer)
  const sink = {
    push: (chunk: Buffer) => copy.push(chunk),
    end: () => copy.end(),
    get line() {
      return copy.line
    },
    drained: () => writer.drained(),
  }
  try {
    await readText(file.path, sink).catch(unreadable(props, file))
  } finally {
    await writer.close()
  }
  return {
    columns: props.format.withLines === true ? [...facts.names, PLACE_COLUMNS.line] : facts.names,
    paths: [path],
    delimiter: ',',
    hasHeader: false,
    lineEnding: 'LF',
    hasBreaks: writer.hasBreaks || facts.form?.breaksInFields === true,
    longestBytes: writer.longestBytes,
  }
}

type Readable = TextFiles & { readonly file: HashedFile }

/** Reads files with the same columns together; missing columns are null. */
function relation(
  readable: readonly Readable[],
  columns: readonly TextColumn[],
  partitions: readonly TextColumn[],
  valuesOf: (file: SourceFile) => readonly (string | null)[],
): string {
  const groups = Map.groupBy(readable, ({ file, paths, ...form }) =>
    JSON.stringify([form.columns, form.delimiter, form.hasHeader, form.lineEnding]),
  )
  const selects = [...groups.values()].map(group => {
    const [first] = group
    if (first === undefined) throw new Error('a group has a file')
    const files: TextFiles = {
      ...first,
      paths: group.flatMap(({ paths }) => paths),
      hasBreaks: group.some(({ hasBreaks }) => hasBreaks),
      longestBytes: Math.max(...group.map(({ longestBytes }) => longestBytes)),
    }
    const values = group.flatMap(({ file, paths }) => paths.map(path => ({ path, values: valuesOf(file) })))
    return textSelect(files, columns, partitions.length === 0 ? null : partitionTable(partitions, values))
  })
  return `(${selects.join('\nunion all by name\n')})`
}
