/** Compares the store's reader of text files with a simple reader. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { fileSources } from '../../lib/local/sources/file-sources.ts'
import type { Column, StoredSource } from '../../lib/plan/plan.ts'
import type { SourceReader } from '../../lib/runtime.ts'
import { instantOfText } from '../../lib/semantics/instant.ts'
import { quote } from '../../lib/sql/dialect.ts'
import { StoreError } from '../../lib/store-error.ts'
import { csvCase, jsonLinesCase, type TextCase } from './generate-text.ts'
import { type Cell, naiveCsv, naiveJsonLines, naiveType } from './naive-text.ts'
import { random } from './random.ts'

const SEEDS = Array.from({ length: Number(process.env['TEXT_SEEDS'] ?? 80) }, (_, i) => i + 1)

let root: string
let engine: DuckDbEngine
let sources: SourceReader

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'quern-text-'))
  engine = await openDuckDb({ scratch: join(root, 'scratch') })
  sources = fileSources({ root, engine, scratch: join(root, 'scratch') })
})
afterAll(async () => {
  engine.close()
  await rm(root, { recursive: true })
})

interface Read {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** The values of a file as the store reads them, as text; null if the store refuses the file by name. */
async function read(
  format: 'csv' | 'jsonl',
  file: TextCase,
  columns: readonly Column[] = [],
): Promise<Read | null> {
  const path = `f.${format}${file.isGzip ? '.gz' : ''}`
  await writeFile(join(root, path), file.isGzip ? gzipSync(file.bytes) : file.bytes)
  const source: StoredSource = {
    kind: 'file',
    name: 's',
    path,
    format,
    eventTimestamp: 'ts',
    createdTimestamp: null,
    columns,
    pii: [],
    description: '',
    ...(file.csv === undefined ? {} : { csv: file.csv }),
  }
  try {
    const { relation } = await sources.open(source)
    const found = await engine.columns(`select * from ${relation} s`)
    const texts = found.map(({ name, type }, i) => `${textOf(quote(name), type)} as c${i}`)
    const rows = await engine.rows(`select ${texts.join(', ')} from ${relation} s`)
    return { columns: found, rows: rows.map(row => found.map((_, i) => row[`c${i}`] as string | null)) }
  } catch (error) {
    if (error instanceof StoreError && /line \d+|header|column/.test(error.message)) return null
    throw error
  }
}

/** Instants as microseconds, doubles by their bits, other values as DuckDB prints them. */
function textOf(column: string, type: string): string {
  if (type.startsWith('TIMESTAMP')) return `cast(epoch_us(${column}) as varchar)`
  if (type === 'DOUBLE') return `cast(cast(${column} as bit) as varchar)`
  return `cast(${column} as varchar)`
}

const bits = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Number.isNaN(value) ? Number.NaN : value)
  return view.getBigUint64(0).toString(2).padStart(64, '0')
}

const NUMBERS: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, infinity: Infinity }

/** A text, converted to its type. */
function expected(text: Cell, type: string): string | null {
  if (text === null || type === '"NULL"') return null
  if (type === 'BOOLEAN') return text.toLowerCase()
  if (type === 'BIGINT') return BigInt(text).toString()
  if (type === 'DOUBLE') {
    const word = NUMBERS[text.toLowerCase().replace('-', '')]
    return bits(word === undefined ? Number(text) : text.startsWith('-') ? -word : word)
  }
  if (type.startsWith('TIMESTAMP')) return String(instantOfText(text))
  const scale = Number(/^DECIMAL\(\d+,(\d+)\)$/.exec(type)?.[1] ?? -1)
  if (scale < 0) return text
  const [whole = '', fraction = ''] = text.split('.')
  const digits = `${BigInt(whole === '' || whole === '-' ? 0 : whole)}`.replace(
    /^0$/,
    whole.startsWith('-') ? '-0' : '0',
  )
  return scale === 0 ? digits : `${digits}.${fraction.padEnd(scale, '0')}`
}

describe('a CSV file', () => {
  it.each(SEEDS)('is read by RFC 4180 or refused, seed %i', async seed => {
    const file = csvCase(random(seed))
    const table = naiveCsv(file.bytes, file.csv)
    const columns = (table?.names ?? []).map(name => ({ name, type: 'string' as const }))
    const texts = await read('csv', file, columns)
    expect(texts?.rows ?? null).toEqual(table?.rows ?? null)
    expect(texts?.columns.map(({ name }) => name)).toEqual(table?.names)
  })

  it.each(SEEDS)('gets the types that fit all of its values, or is refused, seed %i', async seed => {
    const file = csvCase(random(seed))
    const table = naiveCsv(file.bytes, file.csv)
    const types = table?.names.map((_, i) => naiveType(table.rows.map(row => row[i] ?? null))) ?? [null]
    const found = await read('csv', file)
    if (table === null || types.includes(null)) return expect(found).toBeNull()
    expect(found?.columns).toEqual(table.names.map((name, i) => ({ name, type: types[i] })))
    expect(found?.rows).toEqual(table.rows.map(row => row.map((text, i) => expected(text, types[i] ?? ''))))
  })
})

/** The value of a declared string column: the characters of a string, or the source text of another value. */
const asString = (source: string | undefined): string | null => {
  if (source === undefined || source === 'null') return null
  return source.startsWith('"') ? String(JSON.parse(source)) : source
}

const KINDS = { '"': 'string', '[': 'list', '{': 'object', t: 'bool', f: 'bool' } as const
const kindOf = (source: string): string => KINDS[source[0] as keyof typeof KINDS] ?? 'number'

/** The type of a JSON column, from its source texts. */
function jsonType(sources: readonly string[]): string | null {
  const kinds = new Set(sources.map(kindOf))
  if (kinds.size > 1 || kinds.has('object')) return 'JSON'
  if (kinds.has('list')) {
    const elements = sources.flatMap(source =>
      (JSON.parse(source) as unknown[]).filter(element => element !== null),
    )
    const written = sources
      .flatMap(source => [...source.matchAll(/[^\s[\],]+/g)].map(([one]) => one))
      .filter(one => one !== 'null')
    const kinds = new Set(elements.map(element => typeof element))
    if (kinds.size > 1 || kinds.has('object')) return 'JSON'
    if (elements.length === 0 || kinds.has('string')) return 'VARCHAR[]'
    const element = jsonType(written)
    return element && `${element}[]`
  }
  if (!kinds.has('string')) return naiveType(sources.map(source => source))
  const texts = sources.map(source => String(JSON.parse(source)))
  const type = naiveType(texts)
  return type === null || /^(DATE|TIMESTAMP)/.test(type) ? type : 'VARCHAR'
}

/** Half of a surrogate pair, or NUL, in a name or string. */
const isUntellable = (file: TextCase): boolean => /\\u(d800|0000)/.test(file.bytes.toString())

describe('a file of JSON lines', () => {
  it.each(SEEDS)('is read with every name of every line, or refused, seed %i', async seed => {
    const file = jsonLinesCase(random(seed))
    const lines = isUntellable(file) ? null : naiveJsonLines(file.bytes)
    const names = new Map(
      (lines ?? [])
        .flat()
        .map(({ name }) => [name.toLowerCase(), name] as const)
        .reverse(),
    )
    const firsts = (lines ?? [])
      .flat()
      .map(({ name }) => name)
      .filter((name, i, all) => all.findIndex(other => other.toLowerCase() === name.toLowerCase()) === i)
    expect(names.size).toBe(firsts.length)
    if (lines !== null && firsts.length === 0) return
    const columns = firsts.map(name => ({ name, type: 'string' as const }))
    const texts = await read('jsonl', file, columns)
    if (lines === null) return expect(texts).toBeNull()
    const cell = (line: (typeof lines)[number], name: string) =>
      line.find(member => member.name.toLowerCase() === name.toLowerCase())?.source
    expect(texts?.columns.map(({ name }) => name)).toEqual(firsts)
    expect(texts?.rows).toEqual(lines.map(line => firsts.map(name => asString(cell(line, name)))))
    const types = firsts.map(name => {
      const sources = lines.flatMap(line => cell(line, name) ?? []).filter(source => source !== 'null')
      return sources.length === 0 ? '"NULL"' : jsonType(sources)
    })
    const found = await read('jsonl', file)
    if (types.includes(null)) return expect(found).toBeNull()
    expect(found?.columns).toEqual(firsts.map((name, i) => ({ name, type: types[i] })))
  })
})
