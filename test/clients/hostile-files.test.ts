/** Compares how the store reads hostile files with Python's csv and json, and pyarrow. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { z } from 'zod'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { fileSources } from '../../lib/local/sources/file-sources.ts'
import type { Column, StoredSource } from '../../lib/plan/plan.ts'
import { quote } from '../../lib/sql/dialect.ts'
import { PYARROW, runPython } from './python.ts'

const CASES = 150
const SCRIPT = fileURLToPath(new URL('hostile_files.py', import.meta.url))

const caseSchema = z.object({
  path: z.string(),
  format: z.enum(['csv', 'jsonl', 'parquet']),
  delimiter: z.string().default(','),
  /** A byte was changed, so the file may be refused. */
  damaged: z.boolean(),
  /** Of Parquet, what its files hold. */
  kinds: z.array(z.string()).default([]),
  names: z.array(z.string()).nullable(),
  rows: z.array(z.array(z.string().nullable())).nullable(),
})
type Case = z.infer<typeof caseSchema>

let root: string
let engine: DuckDbEngine
let cases: readonly Case[]

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'quern-hostile-'))
  engine = await openDuckDb({ scratch: join(root, 'scratch') })
  const text = await runPython({
    environment: PYARROW,
    command: 'python',
    args: [SCRIPT, root, '1', String(CASES)],
    folder: root,
  })
  cases = z.array(caseSchema).parse(JSON.parse(text))
})
afterAll(async () => {
  engine.close()
  await rm(root, { recursive: true })
})

/** A value's one text, as the script has it. */
function exact(column: string, type: string): string {
  const digits = `cast(${column} as varchar)`
  if (type.startsWith('TIMESTAMP')) return `cast(epoch_ns(${column}) as varchar)`
  if (/^DECIMAL\(\d+,[1-9]/.test(type)) return `rtrim(rtrim(${digits}, '0'), '.')`
  return /^(FLOAT|DOUBLE)$/.test(type)
    ? `case when ${column} = trunc(${column}) then cast(cast(${column} as hugeint) as varchar) else ${digits} end`
    : digits
}

/** The store's rows, in order; a message if it refuses them. */
async function read(one: Case): Promise<readonly (readonly (string | null)[])[] | string> {
  const { path, format } = one
  const columns: readonly Column[] =
    format === 'parquet' ? [] : (one.names ?? []).map(name => ({ name, type: 'string' }))
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
    ...(format === 'csv' ? { csv: { delimiter: one.delimiter, nulls: [] } } : {}),
  }
  try {
    const { relation } = await fileSources({ root, engine, scratch: join(root, 'scratch') }).open(source)
    const found = await engine.columns(`select * from ${relation} s`)
    const texts = (one.names ?? []).map((name, i) => {
      const type = found.find(column => column.name === name)?.type ?? 'VARCHAR'
      return `${exact(quote(name), type)} as c${i}`
    })
    const rows = await engine.rows(`select ${texts.join(', ')} from ${relation} s`)
    return rows.map(row => texts.map((_, i) => z.string().nullable().parse(row[`c${i}`])))
  } catch (error) {
    if (error instanceof Error && error.name === 'StoreError') return error.message
    throw error
  }
}

type Rows = readonly (readonly (string | null)[])[]

/** Python's csv knows no null; several files have no order among them. */
function comparable({ format }: Case, rows: Rows | null): Rows | undefined {
  if (format === 'csv') return rows?.map(row => row.map(cell => cell ?? ''))
  return format === 'jsonl' ? (rows ?? undefined) : rows?.toSorted((a, b) => Number(a[0]) - Number(b[0]))
}

it.each(['csv', 'jsonl', 'parquet'])(
  '%s files have the values that Python reads, or are refused',
  async format => {
    const counts = { equal: 0, refused: 0 }
    for (const one of cases.filter(each => each.format === format)) {
      const rows = await read(one)
      if (typeof rows === 'string') {
        counts.refused++
        expect(rows).toMatch(/^source 's': /)
        // What is well formed may be refused for its types only.
        if (format !== 'parquet' && !one.damaged && one.rows !== null) expect({ one, rows }).toBeNull()
      } else {
        counts.equal++
        expect({ path: one.path, kinds: one.kinds, rows: comparable(one, rows) }).toEqual({
          path: one.path,
          kinds: one.kinds,
          rows: comparable(one, one.rows),
        })
      }
    }
    expect(counts.equal).toBeGreaterThan(CASES / 3)
    expect(counts.refused).toBeGreaterThan(CASES / 30)
  },
)
