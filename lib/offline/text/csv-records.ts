/**
 * The CSV that quern accepts: RFC 4180 with a header, in UTF-8. Lines end with LF or CRLF. A field is quoted
 * completely or not at all. Every line has as many fields as the header. Anything else is refused with its line
 * number.
 */
import { FileFault, type FileFaultCode, shown } from './file-fault.ts'

const LF = 0x0a
const CR = 0x0d
const QUOTE = 0x22
const MAX_RECORD_BYTES = 64 * 1024 * 1024
const BOM = [0xef, 0xbb, 0xbf]

/** A record in `bytes`. Its fields are given by offsets, a quoted field without its quotes. */
export interface CsvRecord {
  readonly bytes: Buffer
  /** Offsets of the whole record, without its line ending. */
  readonly start: number
  readonly end: number
  readonly fields: number
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** 0: unquoted, 1: quoted, 2: quoted, with doubled quotes inside. */
  readonly quoted: Uint8Array
  /** The line in the file, from 1. */
  readonly line: number
}

export interface CsvRecordsProps {
  /** One byte. @default ',' */
  readonly delimiter?: string
  /** Receives the names of the header, before any record. */
  readonly onHeader: (names: readonly string[]) => void
  /** Receives each record. The record is only valid during the call. */
  readonly onRecord: (record: CsvRecord) => void
}

/** Properties of the file that decide how an engine can read the same bytes. */
export interface CsvForm {
  readonly bom: boolean
  readonly lf: boolean
  readonly crlf: boolean
  readonly blankLines: boolean
  /** True if a field contains a line break. */
  readonly breaksInFields: boolean
  readonly longestBytes: number
}

/** Accepts the bytes of a file in chunks of any size, and reports its records. @throws {FileFault} */
export class CsvRecords {
  readonly #props: CsvRecordsProps
  readonly #delimiter: number
  readonly #form = {
    bom: false,
    lf: false,
    crlf: false,
    blankLines: false,
    breaksInFields: false,
    longestBytes: 0,
  }
  #rest: Buffer = Buffer.alloc(0)
  #line = 1
  #isFirstBytes = true
  #header: Buffer | null = null
  #columns = 0
  #starts = new Uint32Array(64)
  #ends = new Uint32Array(64)
  #quoted = new Uint8Array(64)
  /** One object that is reused for all records. */
  readonly #reusedRecord: { -readonly [K in keyof CsvRecord]: CsvRecord[K] } = {
    bytes: this.#rest,
    start: 0,
    end: 0,
    fields: 0,
    starts: this.#starts,
    ends: this.#ends,
    quoted: this.#quoted,
    line: 0,
  }
  #fields = 0
  #breaks = 0
  /** The end of the record, without its line ending; set by {@link #parse}. */
  #end = 0

  constructor(props: CsvRecordsProps) {
    this.#props = props
    this.#delimiter = (props.delimiter ?? ',').charCodeAt(0)
  }

  get form(): CsvForm {
    return this.#form
  }

  /** The line on which the next record starts. */
  get line(): number {
    return this.#line
  }

  push(chunk: Buffer): void {
    this.#take(this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]), false)
  }

  end(): void {
    this.#take(this.#rest, true)
    if (this.#header === null) throw new FileFault('no-header', 1)
  }

  #take(bytes: Buffer, isLast: boolean): void {
    let at = this.#isFirstBytes ? this.#skipBom(bytes, isLast) : 0
    while (at >= 0 && at < bytes.length) {
      const next = this.#parse(bytes, at, isLast)
      if (next < 0) break
      this.#emit(bytes, at)
      this.#line += 1 + this.#breaks
      at = next
    }
    this.#rest = bytes.subarray(Math.max(at, 0))
    if (this.#rest.length > MAX_RECORD_BYTES) throw new FileFault('too-long', this.#line, shown(this.#rest))
  }

  #skipBom(bytes: Buffer, isLast: boolean): number {
    if (bytes.length < BOM.length && !isLast) return -1
    this.#isFirstBytes = false
    this.#form.bom = BOM.every((byte, i) => bytes[i] === byte)
    return this.#form.bom ? BOM.length : 0
  }

  /** Finds the fields of one record. @returns where the next record starts, or -1 if more bytes are needed */
  #parse(bytes: Buffer, start: number, isLast: boolean): number {
    const { length } = bytes
    const delimiter = this.#delimiter
    this.#fields = 0
    this.#breaks = 0
    let at = start
    for (;;) {
      let from = at
      let quoted = 0
      if (bytes[at] === QUOTE) {
        from = at + 1
        quoted = 1
        for (at = from; at < length; at++) {
          const byte = bytes[at]
          if (byte === QUOTE) {
            if (bytes[at + 1] !== QUOTE) break
            quoted = 2
            at++
          } else if (byte === LF) this.#breaks++
          else if (byte === CR) this.#form.breaksInFields = true
        }
        if (at >= length || (at + 1 === length && !isLast)) {
          if (isLast) throw new FileFault('open-quote', this.#line, shown(bytes.subarray(start)))
          return -1
        }
      } else {
        while (at < length) {
          const byte = bytes[at]
          if (byte === delimiter || byte === LF || byte === CR || byte === QUOTE) break
          at++
        }
      }
      this.#addField(from, at, quoted)
      if (quoted > 0) at++
      if (at === length) {
        if (!isLast) return -1
        this.#end = at
        return at
      }
      const byte = bytes[at]
      if (byte === delimiter) {
        at++
        if (at === length && !isLast) return -1
        continue
      }
      this.#end = at
      if (byte === LF) {
        this.#form.lf = true
        return at + 1
      }
      if (byte === CR) {
        if (at + 1 === length && !isLast) return -1
        if (bytes[at + 1] !== LF) throw new FileFault('lone-cr', this.#line, shown(bytes.subarray(start)))
        this.#form.crlf = true
        return at + 2
      }
      throw new FileFault('stray-quote', this.#line, shown(bytes.subarray(start)))
    }
  }

  #addField(from: number, to: number, quoted: number): void {
    if (this.#fields === this.#starts.length) this.#grow()
    this.#starts[this.#fields] = from
    this.#ends[this.#fields] = to
    this.#quoted[this.#fields] = quoted
    this.#fields++
  }

  #grow(): void {
    const grown = <T extends Uint32Array | Uint8Array>(old: T, made: T): T => {
      made.set(old)
      return made
    }
    this.#starts = grown(this.#starts, new Uint32Array(this.#fields * 2))
    this.#ends = grown(this.#ends, new Uint32Array(this.#fields * 2))
    this.#quoted = grown(this.#quoted, new Uint8Array(this.#fields * 2))
  }

  #emit(bytes: Buffer, start: number): void {
    const end = this.#end
    if (this.#breaks > 0) this.#form.breaksInFields = true
    this.#form.longestBytes = Math.max(this.#form.longestBytes, end - start)
    if (this.#header === null) this.#takeHeader(bytes, start)
    else if (end === start) this.#skipBlankLine()
    else {
      if (this.#fields !== this.#columns)
        throw new FileFault(
          'field-count',
          this.#line,
          `${this.#fields} fields, the header has ${this.#columns}: ${shown(bytes.subarray(start, end))}`,
        )
      if (end - start === this.#header.length && this.#header.equals(bytes.subarray(start, end)))
        throw new FileFault('second-header', this.#line, shown(this.#header))
      this.#props.onRecord(this.#record(bytes, start))
    }
  }

  #record(bytes: Buffer, start: number): CsvRecord {
    const record = this.#reusedRecord
    record.bytes = bytes
    record.start = start
    record.end = this.#end
    record.fields = this.#fields
    record.starts = this.#starts
    record.ends = this.#ends
    record.quoted = this.#quoted
    record.line = this.#line
    return record
  }

  /** An empty line is not a record. In a file with one column it is refused, because it could be a null. */
  #skipBlankLine(): void {
    if (this.#columns === 1) throw new FileFault('blank-line', this.#line)
    this.#form.blankLines = true
  }

  #takeHeader(bytes: Buffer, start: number): void {
    if (this.#end === start) throw new FileFault('no-header', this.#line)
    const record = this.#record(bytes, start)
    const names = Array.from({ length: this.#fields }, (_, i) => fieldText(record, i))
    const fault = headerFault(names)
    if (fault !== null) throw new FileFault(fault, this.#line, shown(bytes.subarray(start, this.#end)))
    this.#header = Buffer.from(bytes.subarray(start, this.#end))
    this.#columns = this.#fields
    this.#props.onHeader(names)
  }
}

function headerFault(names: readonly string[]): FileFaultCode | null {
  if (names.includes('')) return 'unnamed-column'
  if (names.some(name => name.startsWith('\ufeff'))) return 'marked-name'
  return new Set(names.map(name => name.toLowerCase())).size < names.length ? 'same-column' : null
}

/** The text of a field. */
export function fieldText({ bytes, starts, ends, quoted }: CsvRecord, field: number): string {
  const text = bytes.toString('utf8', starts[field], ends[field])
  return quoted[field] === 2 ? text.replaceAll('""', '"') : text
}
