/**
 * The JSON lines that quern accepts: one object per line, in UTF-8, with LF line endings (U+2028 is a normal
 * character). Every top-level name of any line is a column. Names that differ only in case are the same column.
 * Numbers keep their text.
 */
import { FileFault, type FileFaultCode, shown } from './file-fault.ts'
import {
  afterName,
  CLOSE_OBJECT,
  COMMA,
  endOfValue,
  LoneSurrogate,
  NoJson,
  NulCharacter,
  OPEN_OBJECT,
  skipSpace,
} from './json-grammar.ts'

const LF = 0x0a
const MAX_LINE_BYTES = 64 * 1024 * 1024
const MAX_COLUMNS = 10_000
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** The members of a line. Each value is given by offsets in `bytes`. */
export interface JsonRecord {
  readonly bytes: Buffer
  readonly members: number
  /** The column index of each member. */
  readonly columns: Uint32Array
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** The line in the file, from 1. */
  readonly line: number
}

export interface JsonLinesProps {
  /** The columns so far, in their first spelling. A record can add columns. */
  readonly names: string[]
  /** Receives each record. The record is only valid during the call. */
  readonly onRecord: (record: JsonRecord) => void
}

/** Accepts the bytes of a file in chunks of any size, and reports its lines. @throws {FileFault} */
export class JsonLines {
  readonly #props: JsonLinesProps
  readonly #byName: Map<string, number>
  /**
   * The bytes of the last name at each position in a line. Most lines have the same names, so this avoids parsing
   * them.
   */
  readonly #written: { bytes: Buffer; column: number }[] = []
  readonly #columns = new Uint32Array(MAX_COLUMNS)
  readonly #starts = new Uint32Array(MAX_COLUMNS)
  readonly #ends = new Uint32Array(MAX_COLUMNS)
  /** For each column, the last line that contained it. */
  readonly #lastLine = new Uint32Array(MAX_COLUMNS)
  #rest: Buffer = Buffer.alloc(0)
  #line = 1

  constructor(props: JsonLinesProps) {
    this.#props = props
    this.#byName = new Map(props.names.map((name, column) => [name.toLowerCase(), column]))
  }

  /** The number of the next line. */
  get line(): number {
    return this.#line
  }

  push(chunk: Buffer): void {
    let from = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      const part = chunk.subarray(from, end)
      this.#take(this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part]))
      this.#rest = Buffer.alloc(0)
      from = end + 1
    }
    this.#rest = Buffer.concat([this.#rest, chunk.subarray(from)])
    if (this.#rest.length > MAX_LINE_BYTES) throw this.#fault('too-long', this.#rest)
  }

  end(): void {
    if (this.#rest.length > 0) this.#take(this.#rest)
  }

  #take(line: Buffer): void {
    const bytes = this.#line === 1 && line.subarray(0, 3).equals(BOM) ? line.subarray(3) : line
    const start = skipSpace(bytes, 0)
    if (start < bytes.length) this.#give(bytes, start)
    this.#line++
  }

  #give(bytes: Buffer, start: number): void {
    let members: number
    try {
      members = this.#members(bytes, start)
    } catch (error) {
      if (error instanceof LoneSurrogate) throw this.#fault('lone-surrogate', bytes)
      if (error instanceof NulCharacter) throw this.#fault('nul', bytes)
      if (error instanceof NoJson) throw this.#fault('bad-json', bytes)
      throw error
    }
    this.#props.onRecord({
      bytes,
      members,
      columns: this.#columns,
      starts: this.#starts,
      ends: this.#ends,
      line: this.#line,
    })
  }

  #members(bytes: Buffer, start: number): number {
    if (bytes[start] !== OPEN_OBJECT) throw new NoJson()
    let at = skipSpace(bytes, start + 1)
    let members = 0
    if (bytes[at] === CLOSE_OBJECT) at++
    else
      for (;;) {
        const value = afterName(bytes, at, bytes.length)
        const column = this.#columnOf(bytes, at, value, members)
        if (this.#lastLine[column] === this.#line) throw this.#fault('same-name', bytes)
        this.#lastLine[column] = this.#line
        const end = endOfValue(bytes, value, bytes.length)
        this.#columns[members] = column
        this.#starts[members] = value
        this.#ends[members] = end
        members++
        at = skipSpace(bytes, end)
        if (bytes[at] === CLOSE_OBJECT) {
          at++
          break
        }
        if (bytes[at] !== COMMA) throw new NoJson()
        at = skipSpace(bytes, at + 1)
      }
    if (skipSpace(bytes, at) !== bytes.length) throw new NoJson()
    return members
  }

  /**
   * The comparison includes name, colon and spaces, because they rarely change between lines.
   * @param to the start of the value
   */
  #columnOf(bytes: Buffer, from: number, to: number, place: number): number {
    const last = this.#written[place]
    if (last !== undefined && bytes.compare(last.bytes, 0, last.bytes.length, from, to) === 0)
      return last.column
    const name = nameOf(bytes, from, to)
    const column = this.#byName.get(name.toLowerCase()) ?? this.#addColumn(bytes, name)
    this.#written[place] = { bytes: Buffer.from(bytes.subarray(from, to)), column }
    return column
  }

  #addColumn(bytes: Buffer, name: string): number {
    const column = this.#props.names.length
    if (name === '') throw this.#fault('empty-name', bytes)
    if (column === MAX_COLUMNS) throw this.#fault('too-many-columns', bytes)
    this.#props.names.push(name)
    this.#byName.set(name.toLowerCase(), column)
    return column
  }

  #fault(code: FileFaultCode, bytes: Buffer): FileFault {
    return new FileFault(code, this.#line, shown(bytes))
  }
}

function nameOf(bytes: Buffer, from: number, to: number): string {
  const colon = bytes.lastIndexOf(':', to - 1)
  return String(JSON.parse(bytes.toString('utf8', from, colon)))
}
