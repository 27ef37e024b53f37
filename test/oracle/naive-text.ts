/**
 * A simple reader of CSV and JSON lines. It reads whole texts without buffers, one character after the other. It
 * returns `null` for files that it cannot read, which quern must refuse, too.
 */
import type { CsvDialect } from '../../lib/plan/plan.ts'
import { instantOfText, isDate } from '../../lib/semantics/instant.ts'

export interface NaiveTable {
  readonly names: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** A text; for JSON, the source text of a value. */
export type Cell = string | null

const utf8 = (bytes: Buffer): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    return null
  }
}

const sameName = (names: readonly string[]): boolean =>
  new Set(names.map(name => name.toLowerCase())).size < names.length

/** Reads RFC 4180, one field at a time. */
const PLAIN: Readonly<Record<string, RegExp>> = {
  ',': /^[^",\r\n]*/,
  ';': /^[^";\r\n]*/,
  '\t': /^[^"\t\r\n]*/,
  '|': /^[^"|\r\n]*/,
}

interface Field {
  readonly text: string
  readonly isQuoted: boolean
}

export function naiveCsv(
  bytes: Buffer,
  { delimiter, nulls }: CsvDialect = { delimiter: ',', nulls: [] },
): NaiveTable | null {
  const text = utf8(bytes)
  if (text === null || text.includes('\0')) return null
  const records: Field[][] = []
  let rest = text
  while (rest !== '') {
    const record: Field[] = []
    for (;;) {
      const [whole, quoted] = /^"((?:[^"]|"")*)"/.exec(rest) ?? []
      const plain = whole === undefined ? (PLAIN[delimiter]?.exec(rest)?.[0] ?? '') : ''
      record.push({ text: quoted?.replaceAll('""', '"') ?? plain, isQuoted: quoted !== undefined })
      rest = rest.slice((whole ?? plain).length)
      if (!rest.startsWith(delimiter)) break
      rest = rest.slice(1)
    }
    const ending = /^(\r\n|\n|$)/.exec(rest)?.[0]
    if (ending === undefined) return null
    rest = rest.slice(ending.length)
    records.push(record)
  }
  const [header, ...lines] = records
  const names = header?.map(one => one.text) ?? ['']
  if (names.some(name => name === '' || name.startsWith('\ufeff')) || sameName(names)) return null
  const blank = ([first, ...others]: readonly Field[]): boolean =>
    others.length === 0 && first?.text === '' && !first.isQuoted
  if (names.length === 1 && lines.some(blank)) return null
  const full = lines.filter(record => !blank(record))
  const rows = full.map(record =>
    record.map(({ text: cell, isQuoted }) =>
      isQuoted || (cell !== '' && !nulls.includes(cell)) ? cell : null,
    ),
  )
  const isHeader = (record: readonly Field[]): boolean =>
    record.every(({ text: cell }, i) => cell === names[i])
  if (full.some(record => record.length !== names.length || isHeader(record))) return null
  return { names, rows }
}

/** The type of a text column, from its texts only; null if it is ambiguous. */
export function naiveType(cells: readonly Cell[]): string | null {
  const texts = cells.filter(cell => cell !== null)
  const all = (test: (text: string) => boolean): boolean => texts.every(test)
  if (texts.length === 0) return '"NULL"'
  if (all(text => /^(true|false)$/i.test(text))) return 'BOOLEAN'
  const word = (text: string): boolean => /^-?(inf|infinity)$|^nan$/i.test(text)
  const number = (text: string): boolean => /^-?((0|[1-9]\d*)([.]\d*)?|[.]\d+)(e[+-]?\d+)?$/i.test(text)
  if (all(text => number(text) || word(text))) return naiveNumber(texts, word)
  const day = (text: string): boolean => isDate(text)
  if (all(day)) return 'DATE'
  if (all(text => day(text) || isClock(text))) return naiveInstant(texts.filter(text => !day(text)))
  return 'VARCHAR'
}

const LIMIT = 2n ** 53n

function naiveNumber(texts: readonly string[], word: (text: string) => boolean): string | null {
  const numbers = texts.filter(text => !word(text))
  if (numbers.length === 0) return 'VARCHAR'
  if (numbers.some(text => !Number.isFinite(Number(text)))) return null
  const wholes = numbers.filter(text => /^-?\d+$/.test(text) && text !== '-0')
  if (wholes.some(text => text.replace('-', '').length > 38)) return null
  if (wholes.length === texts.length)
    return wholes.every(text => BigInt.asIntN(64, BigInt(text)) === BigInt(text)) ? 'BIGINT' : 'DECIMAL(38,0)'
  const parts = numbers.map(text => /^-?(\d*)[.]?(\d*)/.exec(text) ?? [])
  const large = numbers.some(
    (text, i) =>
      !/e/i.test(text) && (/[.]/.test(text) ? BigInt(parts[i]?.[1] || 0) >= LIMIT : abs(text) > LIMIT),
  )
  if (!large) return 'DOUBLE'
  if (numbers.length < texts.length || numbers.some(text => /e/i.test(text))) return null
  const digits = (group: 1 | 2): number => Math.max(...parts.map(part => part[group]?.length ?? 0))
  return digits(1) + digits(2) > 38 ? null : `DECIMAL(${digits(1) + digits(2)},${digits(2)})`
}

const abs = (text: string): bigint => {
  const value = BigInt(text)
  return value < 0n ? -value : value
}

const CLOCK = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d([.]\d+)?)?(Z| UTC|[+-]\d\d(:?\d\d)?)?$/

/** True for an instant, even if it is finer than microseconds. */
const isClock = (text: string): boolean =>
  CLOCK.test(text) && instantOfText(text.replace(/([.]\d{6})\d+/, '$1')) !== undefined

function naiveInstant(texts: readonly string[]): string | null {
  if (texts.some(text => instantOfText(text) === undefined)) return null
  const zoned = texts.filter(text => /(Z|UTC|[+-]\d\d(:?\d\d)?)$/.test(text.slice(16)))
  if (zoned.length > 0 && zoned.length < texts.length) return null
  return zoned.length > 0 ? 'TIMESTAMP WITH TIME ZONE' : 'TIMESTAMP'
}

/** One object per line, as the source texts of its members by lower-case name. */
export function naiveJsonLines(bytes: Buffer): readonly (readonly Member[])[] | null {
  const text = utf8(bytes)
  if (text === null) return null
  const lines: Member[][] = []
  for (const line of text.split('\n').filter(each => /[^ \t\r]/.test(each))) {
    const members = naiveObject(line)
    if (members === null || sameName(members.map(({ name }) => name))) return null
    lines.push(members)
  }
  return lines
}

export interface Member {
  readonly name: string
  /** The source text. */
  readonly source: string
}

/** The members of an object, split with the JSON parser. */
function naiveObject(line: string): Member[] | null {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  } catch {
    return null
  }
  // JSON.parse only returns the last of several equal names, so the members are cut out by trying each end.
  const members: Member[] = []
  let rest = line.trim().slice(1).trim()
  while (!rest.startsWith('}')) {
    const name = shortest(rest, ':')
    const afterName = rest.slice(name.length + 1)
    const value = shortest(afterName, ',') || shortest(afterName, '}')
    members.push({ name: String(JSON.parse(name)), source: value.trim() })
    rest = afterName.slice(value.length).replace(/^,/, '').trim()
  }
  return members
}

/** The shortest prefix that is valid JSON and is followed by the mark. */
function shortest(text: string, mark: string): string {
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1))
    try {
      JSON.parse(text.slice(0, at))
      return text.slice(0, at)
    } catch {}
  return ''
}
