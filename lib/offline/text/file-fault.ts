/** The faults of text files as a table: code → sentence and remedy. Lines are counted from 1. */
export const FILE_FAULTS = {
  'no-header': 'it is empty, and a CSV file begins with a line of column names; write that line',
  'unnamed-column':
    'a column of its header has no name; name it (a delimiter at the end of the line makes a column), or remove it from all lines',
  'same-column':
    'two columns of its header have one name (names that differ in case only are one); rename one',
  'marked-name':
    'a name of its header begins with a byte order mark (U+FEFF), which only the file may; remove it',
  'other-format':
    'its bytes are those of another format; save it as text, or end its name with .gz or .zst where it is compressed so',
  'not-utf8': 'its bytes are not UTF-8; save the file as UTF-8',
  nul: 'it holds a NUL character, which no text has; remove it, or save the file as UTF-8 (UTF-16 is full of them)',
  'field-count':
    'a line has another number of fields than the header; write as many (quote a field that holds the delimiter, a quote or a line break)',
  'second-header':
    'the header comes a second time, so two files were put together; keep them apart, under a glob',
  'open-quote':
    'a quoted field never ends; close it, and write a quote within a quoted field twice ("a ""b"" c")',
  'stray-quote':
    'a quote stands inside a field that does not begin with one, or text follows a closing quote; quote the whole field, and write a quote in it twice ("a ""b"" c")',
  'lone-cr':
    'a carriage return stands alone; end lines with LF or CRLF, and quote a field that holds a line break',
  'blank-line':
    'an empty line in a file of one column may be a null or nothing; remove it, or write null as a column of its own',
  'too-long': 'a line is longer than 64 MiB; is a quote left open? Close it, or write shorter lines',
  'bad-json': 'a line is no JSON object (RFC 8259), one object on each line; correct the line',
  'empty-name': 'an object has an empty name, which no column can have; name the value',
  'same-name': 'an object has one name twice (names that differ in case only are one); keep one of them',
  'lone-surrogate':
    'a string holds half of a character (a lone surrogate, such as \\ud800); correct the string',
  'no-list':
    'a value of a column that is declared as a list is no list of JSON, such as [1, 2]; write one, or leave it out',
  'too-many-columns':
    'its lines have more than 10,000 different names; write what varies as values, not as names',
} as const

export type FileFaultCode = keyof typeof FILE_FAULTS

/** A file does not match its declared format. The caller adds the name of the file. */
export class FileFault extends Error {
  readonly code: FileFaultCode
  readonly line: number
  /** The column of the fault, if it is in one. */
  readonly column: string | null
  /** The text that was found. It may be user data. */
  readonly what: string

  constructor(code: FileFaultCode, line: number, what = '', column: string | null = null) {
    super(`line ${line}: ${FILE_FAULTS[code]}`)
    this.name = 'FileFault'
    this.code = code
    this.line = line
    this.column = column
    this.what = what
  }

  /** The problem and the remedy. */
  get sentence(): string {
    return FILE_FAULTS[this.code]
  }
}

const MAX_SHOWN = 60

/** Bytes, as a message shows them. */
export function shown(bytes: Uint8Array): string {
  const text = printable(Buffer.from(bytes.subarray(0, MAX_SHOWN * 4)).toString('utf8'))
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`
}

const CONTROL = /[\p{Cc}\u2028\u2029\ufeff]/gu

/** A text on one line. Control characters and invisible characters are written as `\u000d`. */
export const printable = (text: string): string =>
  text.replace(CONTROL, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
