/** Scans a text file in one pass, and writes a copy in a second pass if an engine cannot read the file directly. */

import { shapeOf } from '../../definition/value-types.ts'
import type { Column } from '../../plan/plan.ts'
import { type CsvForm, CsvRecords, fieldText } from './csv-records.ts'
import { FileFault } from './file-fault.ts'
import { isList, isNull, listText, readValue, scalarText } from './json-cell.ts'
import { endOfValue, NoJson, skipSpace } from './json-grammar.ts'
import { JsonLines } from './json-lines.ts'
import { Readings } from './readings.ts'

/** What one pass over a text file found. */
export interface TextFacts {
  /** The column names as written, in the order of the file. */
  readonly names: readonly string[]
  /** The readings of each column; null if the column is declared. */
  readonly readings: readonly (Readings | null)[]
  readonly rows: number
  /** Null for JSON lines. */
  readonly form: CsvForm | null
}

interface Scan {
  readonly push: (chunk: Buffer) => void
  readonly end: () => void
  readonly line: number
  readonly facts: () => TextFacts
}

export interface TextFormat {
  readonly format: 'csv' | 'jsonl'
  /** @default ',' */
  readonly delimiter?: string
  /** Unquoted CSV fields that are null, in addition to the empty field. @default none */
  readonly nulls?: readonly string[]
  readonly declared: readonly Column[]
  /** True if a copy has an extra last column with the line of each record. @default false */
  readonly withLines?: boolean
}

const declaredIn = (declared: readonly Column[]): ReadonlyMap<string, Column> =>
  new Map(declared.map(column => [column.name.toLowerCase(), column]))

const isListColumn = (column: Column | undefined): boolean =>
  column !== undefined && shapeOf(column.type).kind !== 'scalar'

export const scanText = (format: TextFormat): Scan =>
  format.format === 'csv' ? scanCsv(format) : scanJson(format)

/** Checks whether a field is one of the null texts. */
function nullTexts(nulls: readonly string[]): (bytes: Buffer, from: number, to: number) => boolean {
  const texts = nulls.map(text => Buffer.from(text))
  return (bytes, from, to) =>
    texts.some(text => text.length === to - from && bytes.compare(text, 0, text.length, from, to) === 0)
}

function scanCsv({ delimiter = ',', nulls = [], declared }: TextFormat): Scan {
  const isNullText = nullTexts(nulls)
  const byName = declaredIn(declared)
  let names: readonly string[] = []
  let readings: readonly (Readings | null)[] = []
  let rows = 0
  const records = new CsvRecords({
    delimiter,
    onHeader: header => {
      names = header
      readings = header.map(name => (byName.has(name.toLowerCase()) ? null : new Readings()))
    },
    onRecord: ({ bytes, starts, ends, quoted, line }) => {
      rows++
      for (let i = 0; i < readings.length; i++) {
        const [from = 0, to = 0] = [starts[i], ends[i]]
        if (quoted[i] !== 0 || (to > from && !isNullText(bytes, from, to)))
          readings[i]?.addText(bytes, from, to, line)
      }
    },
  })
  return {
    push: chunk => records.push(chunk),
    end: () => records.end(),
    get line() {
      return records.line
    },
    facts: () => ({ names, readings, rows, form: records.form }),
  }
}

function scanJson({ declared }: TextFormat): Scan {
  const byName = declaredIn(declared)
  const names: string[] = []
  const readings: (Readings | null)[] = []
  let rows = 0
  const lines = new JsonLines({
    names,
    onRecord: ({ bytes, members, columns, starts, ends, line }) => {
      rows++
      for (const name of names.slice(readings.length))
        readings.push(byName.has(name.toLowerCase()) ? null : new Readings())
      for (let i = 0; i < members; i++) {
        const reading = readings[columns[i] ?? 0]
        if (reading) readValue(reading, bytes, starts[i] ?? 0, ends[i] ?? 0, line)
      }
    },
  })
  return {
    push: chunk => lines.push(chunk),
    end: () => lines.end(),
    get line() {
      return lines.line
    },
    facts: () => ({ names, readings, rows, form: null }),
  }
}

/** Receives the cells of a copy, row by row. */
export interface TextCopy {
  readonly raw: (bytes: Uint8Array, from: number, to: number) => void
  readonly quoted: (text: string) => void
  readonly quotedBytes: (bytes: Uint8Array, from: number, to: number) => void
  readonly comma: () => void
  readonly endLine: () => void
}

/** How the cells of a column are written. */
export type CellForm = 'text' | 'list' | 'json'

/** True if an engine cannot read the original bytes. */
export const needsCopy = ({ declared, nulls = [] }: TextFormat, { form, names }: TextFacts): boolean => {
  const byName = declaredIn(declared)
  return (
    form === null ||
    nulls.length > 0 ||
    form.blankLines ||
    // DuckDB skips a header by lines, so it would read part of this header as a record.
    names.some(name => /[\r\n]/.test(name)) ||
    (form.crlf && (form.lf || form.breaksInFields)) ||
    names.some(name => isListColumn(byName.get(name.toLowerCase())))
  )
}

/** @param cells the cell form of each column */
export const copyText = (
  format: TextFormat,
  facts: TextFacts,
  cells: readonly CellForm[],
  copy: TextCopy,
): Omit<Scan, 'facts'> =>
  format.format === 'csv' ? copyCsv(format, cells, copy) : copyJson(format, facts, cells, copy)

/** Ends a row. With `withLines`, it adds a cell with the line on which the record starts. */
function endRecord({ withLines = false }: Pick<TextFormat, 'withLines'>, copy: TextCopy, line: number): void {
  if (withLines) {
    copy.comma()
    copy.quoted(String(line))
  }
  copy.endLine()
}

/** Writes the records without the header. */
function copyCsv(format: TextFormat, cells: readonly CellForm[], copy: TextCopy) {
  const { delimiter = ',', nulls = [] } = format
  const isNullText = nullTexts(nulls)
  let names: readonly string[] = []
  return new CsvRecords({
    delimiter,
    onHeader: header => {
      names = header
    },
    onRecord: record => {
      const { bytes, starts, ends, quoted, fields, line } = record
      for (let i = 0; i < fields; i++) {
        if (i > 0) copy.comma()
        const [from = 0, to = 0] = [starts[i], ends[i]]
        if (quoted[i] === 0 && (from === to || isNullText(bytes, from, to))) continue
        if (cells[i] === 'list') copy.quoted(csvList(fieldText(record, i), line, names[i] ?? ''))
        else if (quoted[i] === 0) copy.quotedBytes(bytes, from, to)
        else copy.raw(bytes, from - 1, to + 1)
      }
      endRecord(format, copy, line)
    },
  })
}

/** CSV has no lists. A field that is declared as a list contains a JSON list. */
function csvList(text: string, line: number, column: string): string {
  const bytes = Buffer.from(text)
  try {
    const from = skipSpace(bytes, 0)
    const to = endOfValue(bytes, from, bytes.length)
    if (isList(bytes, from) && skipSpace(bytes, to) === bytes.length) return listText(bytes, from, to)
  } catch (error) {
    if (!(error instanceof NoJson)) throw error
  }
  throw new FileFault('no-list', line, '', column)
}

/** Missing columns of a line become null. */
function copyJson(format: TextFormat, { names }: TextFacts, cells: readonly CellForm[], copy: TextCopy) {
  const members = new Int32Array(names.length)
  return new JsonLines({
    names: [...names],
    onRecord: ({ bytes, members: count, columns, starts, ends, line }) => {
      members.fill(-1)
      for (let i = 0; i < count; i++) members[columns[i] ?? 0] = i
      for (let column = 0; column < names.length; column++) {
        if (column > 0) copy.comma()
        const member = members[column] ?? -1
        if (member < 0) continue
        const [from = 0, to = 0] = [starts[member], ends[member]]
        if (isNull(bytes, from)) continue
        const form = cells[column] ?? 'text'
        if (form === 'list' && !isList(bytes, from)) throw new FileFault('no-list', line, '', names[column])
        jsonCell(copy, form, bytes, from, to)
      }
      endRecord(format, copy, line)
    },
  })
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39

/** Writes a member's value as a cell. The value is not null. */
function jsonCell(copy: TextCopy, form: CellForm, bytes: Buffer, from: number, to: number): void {
  const first = bytes[from] ?? 0
  if (form === 'json') copy.quoted(bytes.toString('utf8', from, to))
  else if (form === 'list') copy.quoted(listText(bytes, from, to))
  else if (first === QUOTE && !hasEscape(bytes, from, to)) copy.raw(bytes, from, to)
  else if (first === MINUS || (first >= ZERO && first <= NINE)) copy.quotedBytes(bytes, from, to)
  else copy.quoted(scalarText(bytes, from, to) ?? '')
}

function hasEscape(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === BACKSLASH) return true
  return false
}
