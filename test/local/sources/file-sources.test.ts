/** Which files a source's path matches, and what their paths and schemas may contain. */
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { ValueType } from '../../../lib/definition/value-types.ts'
import { type DuckDbEngine, openDuckDb } from '../../../lib/local/engine/duckdb-engine.ts'
import { fileSources } from '../../../lib/local/sources/file-sources.ts'
import type { CsvDialect, FileFormat, StoredSource } from '../../../lib/plan/plan.ts'
import type { Row } from '../../../lib/runtime.ts'

let root: string
let engine: DuckDbEngine

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'quern-files-'))
  engine = await openDuckDb({ scratch: join(root, 'scratch') })
})
afterEach(async () => {
  engine.close()
  await rm(root, { recursive: true })
})

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}

async function putParquet(path: string, select: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await engine.run(`copy (${select}) to '${join(root, path)}' (format parquet)`)
}

interface Given {
  readonly project?: string
  readonly columns?: Readonly<Record<string, ValueType>>
  readonly hidden?: readonly string[]
  readonly csv?: CsvDialect
}

const open = (path: string, { project = '', columns = {}, hidden = [], csv }: Given = {}) => {
  const format: FileFormat = path.includes('.csv') ? 'csv' : path.includes('.jsonl') ? 'jsonl' : 'parquet'
  const source: StoredSource = {
    kind: 'file',
    name: 's',
    path,
    format,
    eventTimestamp: 'ts',
    createdTimestamp: null,
    columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
    pii: [],
    description: '',
    ...(csv === undefined ? {} : { csv }),
  }
  const props = { root: join(root, project), engine, scratch: join(root, 'scratch'), hidden: new Set(hidden) }
  return fileSources(props).open(source)
}

const rows = async (path: string, given: Given = {}): Promise<readonly Row[]> =>
  engine.rows(`select * from ${(await open(path, given)).relation} s order by all`)

describe('the path of a source', () => {
  it('gives columns for folders below its fixed part and for none above it', async () => {
    await put('x=5/in/region=eu/day=2024-01-05/a.csv', 'id\n1\n')
    await put('x=5/in/region=a%2Fb/day=2024-01-06/a.csv', 'id\n2\n')
    await put('x=5/in/region=__HIVE_DEFAULT_PARTITION__/day=2024-01-06/a.csv', 'id\n3\n')
    expect(await rows('in/**/*.csv', { project: 'x=5' })).toEqual([
      { id: 1n, region: 'eu', day: '2024-01-05' },
      { id: 2n, region: 'a/b', day: '2024-01-06' },
      { id: 3n, region: null, day: '2024-01-06' },
    ])
    expect(await rows('in/region=eu/day=2024-01-05/a.csv', { project: 'x=5' })).toEqual([{ id: 1n }])
    await putParquet('p/n=007/a.parquet', 'select 1 as id')
    await putParquet('p/n=8/a.parquet', 'select 2 as id')
    expect(await rows('p/*/*.parquet')).toEqual([
      { id: 1, n: '007' },
      { id: 2, n: '8' },
    ])
  })

  it('is refused when its folders differ or repeat a column of the files', async () => {
    await put('a/region=eu/a.csv', 'id\n1\n')
    await put('a/b.csv', 'id\n2\n')
    await expect(rows('a/**/*.csv')).rejects.toThrow(/the same ones for every file; they differ: .*a\/b.csv/)
    await put('c/id=7/a.csv', 'id\n1\n')
    await expect(rows('c/**/*.csv')).rejects.toThrow(/column id is in its files and, as id=…/)
    await putParquet('d/id=7/a.parquet', 'select 1 as id')
    await expect(rows('d/**/*.parquet')).rejects.toThrow(/column id is in the file and, as id=…/)
  })

  it('ignores files and folders that begin with _ or . unless it names them', async () => {
    for (const path of ['t/a.csv', 't/_b.csv', 't/.c.csv', 't/_temporary/d.csv', 't/.e/f.csv'])
      await put(path, `id\n${path}\n`)
    expect(await rows('t/**/*.csv')).toEqual([{ id: 't/a.csv' }])
    expect(await rows('t/_b.csv')).toEqual([{ id: 't/_b.csv' }])
    expect(await rows('t/_temporary/*.csv')).toEqual([{ id: 't/_temporary/d.csv' }])
    await expect(rows('t/*.json.csv')).rejects.toThrow(/no file matches 't\/\*.json.csv'.*begin with _ or \./)
  })

  it('follows links to files and folders except cycles, and refuses a dangling link', async () => {
    await put('elsewhere/a.csv', 'id\n1\n')
    await put('in/own.csv', 'id\n2\n')
    await symlink(join(root, 'elsewhere'), join(root, 'in/linked'))
    await symlink(join(root, 'in'), join(root, 'in/circle'))
    await symlink(join(root, 'elsewhere/a.csv'), join(root, 'in/b.csv'))
    expect(await rows('in/**/*.csv')).toEqual([{ id: 1n }, { id: 1n }, { id: 2n }])
    await symlink(join(root, 'gone.csv'), join(root, 'in/c.csv'))
    await expect(rows('in/**/*.csv')).rejects.toThrow(/in\/c.csv is a link to nothing/)
  })

  it('matches a literal file name before a pattern, and never its neighbour', async () => {
    await put('odd[1]/in/x[1].csv', 'id\nmine\n')
    await put('odd1/in/x1.csv', 'id\nneighbour\n')
    for (const path of ['in/x[1].csv', 'in/*.csv', '**/*.csv'])
      expect(await rows(path, { project: 'odd[1]' })).toEqual([{ id: 'mine' }])
    await put('odd[1]/in/s*?.csv', 'id\nstar\n')
    expect(await rows('in/s[*]?.csv', { project: 'odd[1]' })).toEqual([{ id: 'star' }])
    await putParquet('odd[1]/in/y[1].parquet', "select 'mine' as id")
    await putParquet('odd[1]/in/y1.parquet', "select 'neighbour' as id")
    await expect(rows('in/y[1].parquet', { project: 'odd[1]' })).rejects.toThrow(
      /'in\/y\[1\].parquet' is the name of one file or folder and, as a pattern, matches 'y1.parquet' too/,
    )
    expect(engine.files([join(root, 'odd[1]/in/y[1].parquet')], 'parquet')).toContain('odd[[]1]/in/y[[]1]')
  })

  it('is part of the fingerprint below its fixed part', async () => {
    await put('in/region=eu/a.csv', 'id\n1\n')
    const before = await open('in/**/*.csv')
    expect((await open('in/**/*.csv')).fingerprint).toBe(before.fingerprint)
    await rename(join(root, 'in/region=eu'), join(root, 'in/region=us'))
    expect((await open('in/**/*.csv')).fingerprint).not.toBe(before.fingerprint)
    await rename(join(root, 'in/region=us'), join(root, 'in/region=eu'))
    await rename(join(root, 'in'), join(root, 'moved'))
    expect((await open('moved/**/*.csv')).fingerprint).toBe(before.fingerprint)
  })
})

describe('a compressed file', () => {
  const text = `id,x\n${Array.from({ length: 2_000 }, (_, i) => `k${i},${i * 7_919}`).join('\n')}\n`

  it('is read to its end in one or several parts', async () => {
    await put('a.csv.gz', Buffer.concat([gzipSync(text), gzipSync('k,1\n')]))
    expect(await rows('a.csv.gz')).toHaveLength(2_001)
    await put('a.csv.zst', zstdCompressSync(text))
    expect(await rows('a.csv.zst')).toHaveLength(2_000)
  })

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2), /cut short/],
    ['cut by one byte', (bytes: Buffer) => bytes.subarray(0, -1), /cut short/],
    [
      'followed by other bytes',
      (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('more')]),
      /damaged|follow/,
    ],
    ['no gzip at all', () => Buffer.from(text), /damaged/],
  ])('that is %s is refused by name', async (_, damage, message) => {
    await put('a.csv.gz', damage(gzipSync(text)))
    await expect(rows('a.csv.gz')).rejects.toThrow(/source 's': file a.csv.gz: /)
    await expect(rows('a.csv.gz')).rejects.toThrow(message)
  })
})

describe('files of one path', () => {
  it('are united by column name, with null for missing columns', async () => {
    await put('in/a.csv', 'id,x\n1,2\n')
    await put('in/b.csv', 'Y,ID\n3,4\n')
    expect(await rows('in/*.csv')).toEqual([
      { id: 1n, x: 2n, Y: null },
      { id: 4n, x: null, Y: 3n },
    ])
    await put('in/c.jsonl', '{"id":1}\n{"ID":2.5,"y":[1]}\n')
    await put('in/d.jsonl', '{"x":true}\n')
    expect(await rows('in/*.jsonl')).toEqual([
      { id: 1, y: null, x: null },
      { id: 2.5, y: [1n], x: null },
      { id: null, y: null, x: true },
    ])
  })

  it('are refused when one file renames a declared column or all files lack it', async () => {
    await put('in/a.csv', 'id,score\n1,2\n')
    await put('in/b.csv', 'id,scor\n3,4\n')
    const columns = { id: 'string', score: 'int64' } as const
    await expect(rows('in/*.csv', { columns })).rejects.toThrow(
      /file in\/b.csv lacks the declared column 'score' and has 'scor'/,
    )
    await expect(rows('in/b.csv', { columns })).rejects.toThrow(/no header of its files has column 'score'/)
    await put('a.jsonl', '{"id":1,"scor":2}\n')
    await expect(rows('a.jsonl', { columns })).rejects.toThrow(/no line of its files has column 'score'/)
    await putParquet('in/a.parquet', 'select 1 as id, 2 as score')
    await putParquet('in/b.parquet', 'select 1 as id, 2 as scor')
    await expect(rows('in/*.parquet', { columns: { score: 'int64' } })).rejects.toThrow(
      /in\/b.parquet lacks the declared column/,
    )
  })

  it('of Parquet are converted directly to the declared type, never through a third type', async () => {
    await putParquet('d/a.parquet', 'select cast(12 as decimal(38, 0)) as x')
    await putParquet('d/b.parquet', 'select cast(1.2345 as decimal(10, 4)) as x')
    expect(await rows('d/*.parquet', { columns: { x: 'float64' } })).toEqual([{ x: 1.2345 }, { x: 12 }])
    await expect(rows('d/*.parquet')).rejects.toThrow(
      /column x is DECIMAL\(38,0\) here and DECIMAL\(10,4\) there; declare/,
    )
    await expect(rows('d/*.parquet', { columns: { x: 'int64' } })).rejects.toThrow(
      /file d\/b.parquet: column x is DECIMAL\(10,4\); 1 of its values, the first of them 1.2345 in row 1, are no int64.*a whole number/,
    )
    await putParquet('k/a.parquet', 'select 7.0::double as id')
    await putParquet('k/b.parquet', "select '7' as id")
    await expect(rows('k/*.parquet')).rejects.toThrow(/column id is DOUBLE here and VARCHAR there/)
    await expect(rows('k/*.parquet', { columns: { id: 'string' } })).rejects.toThrow(
      /file k\/a.parquet: column id is DOUBLE, from which no string/,
    )
  })

  it('of Parquet may have different types without loss, even undeclared', async () => {
    await putParquet('n/a.parquet', 'select 1::integer as x')
    await putParquet('n/b.parquet', "select 9007199254740992::bigint as x, 'a' as y")
    await putParquet('n/c.parquet', "select 0.5::double as x, 'b' as y")
    expect(await rows('n/*.parquet')).toEqual([
      { x: 0.5, y: 'b' },
      { x: 1, y: null },
      { x: 9007199254740992, y: 'a' },
    ])
    await putParquet('n/d.parquet', "select 9007199254740993::bigint as x, 'a' as y")
    await expect(rows('n/*.parquet')).rejects.toThrow(
      /file n\/d.parquet: .* the first of them 9007199254740993 in row 1, are beyond 2\^53/,
    )
    await putParquet('z/a.parquet', "select timestamptz '2024-01-01 00:00:00+02' as x")
    await putParquet('z/b.parquet', "select timestamp '2024-01-01 00:00:00' as x")
    await expect(rows('z/*.parquet')).rejects.toThrow(/TIMESTAMP WITH TIME ZONE here and TIMESTAMP there/)
  })

  it('of Parquet with a column that has no name or a name that DuckDB uses keep their values or are refused', async () => {
    await putParquet('r/a.parquet', "select 7 as file_row_number, 'f' as filename, 1.5::double as x")
    await putParquet('r/b.parquet', "select 8 as file_row_number, 'g' as filename, 'x' as x")
    await expect(rows('r/*.parquet', { columns: { x: 'float64' } })).rejects.toThrow(
      /r\/b.parquet: column x is VARCHAR; 1 of its values, the first of them x, are no float64/,
    )
    expect(await rows('r/a.parquet')).toEqual([{ file_row_number: 7, filename: 'f', x: 1.5 }])
    await putParquet('t/a.parquet', "select time_ns '01:02:03.000000001' as x")
    await expect(rows('t/a.parquet')).rejects.toThrow(/column x is a time of day in nanoseconds/)
  })

  it('that are truncated or not Parquet are refused by name', async () => {
    await putParquet('a.parquet', 'select 1 as x')
    await put('b.parquet', 'id,ts\n1,2\n')
    await expect(rows('*.parquet')).rejects.toThrow(/source 's': file b.parquet is no whole Parquet file/)
  })
})

describe('a source with CSV options', () => {
  it.each([';', '\t', '|'])('splits fields at %j and treats commas as text', async delimiter => {
    const text = ['id;x;y', '1;a,b;NA', '2;"c;d";"NA"', '3;;-'].join('\n').replaceAll(';', delimiter)
    await put('a.csv', text)
    expect(await rows('a.csv', { csv: { delimiter, nulls: [] } })).toEqual([
      { id: 1n, x: 'a,b', y: 'NA' },
      { id: 2n, x: `c${delimiter}d`, y: 'NA' },
      { id: 3n, x: null, y: '-' },
    ])
    // A quoted field is never null.
    const csv = { delimiter, nulls: ['-', 'NA'] }
    const read = [
      { id: 1n, x: 'a,b', y: null },
      { id: 2n, x: `c${delimiter}d`, y: 'NA' },
      { id: 3n, x: null, y: null },
    ]
    expect(await rows('a.csv', { csv })).toEqual(read)
    await put('a.csv.gz', gzipSync(text))
    expect(await rows('a.csv.gz', { csv, columns: { y: 'string' } })).toEqual(read)
  })

  it('infers no type from a text that means null', async () => {
    await put('a.csv', 'id,x\n1,NULL\n2,7\n')
    expect(await rows('a.csv')).toEqual([
      { id: 1n, x: 'NULL' },
      { id: 2n, x: '7' },
    ])
    expect(await rows('a.csv', { csv: { delimiter: ',', nulls: ['NULL'] } })).toEqual([
      { id: 1n, x: null },
      { id: 2n, x: 7n },
    ])
  })

  it('names the delimiter option when a header is one name that contains another delimiter', async () => {
    await put('a.csv', 'id;x\n1;2\n')
    await expect(rows('a.csv', { columns: { id: 'string' } })).rejects.toThrow(
      /there is: id;x; correct its name here or there, or declare what separates the fields of a source: csv: { delimiter: ';' }/,
    )
  })
})

describe('an error message', () => {
  it('shows the value and its line, unless the column is personal data', async () => {
    await put('a.csv', 'id,at\n1,2024-01-05T10:00:00Z\n2,2024-01-05 11:00:00\n')
    await expect(rows('a.csv')).rejects.toThrow(
      /'2024-01-05T10:00:00Z' \(a.csv line 2\) and '2024-01-05 11:00:00' \(a.csv line 3\)/,
    )
    await expect(rows('a.csv', { hidden: ['at'] })).rejects.toThrow(
      /column at: a.csv line 2 and a.csv line 3 name a zone/,
    )
    await put('b.csv', 'id,at\n1,secret,too\n')
    await expect(rows('b.csv')).rejects.toThrow(
      /file b.csv: line 2: .*3 fields, the header has 2: 1,secret,too/,
    )
    await expect(rows('b.csv', { hidden: ['at'] })).rejects.toThrow(/^(?!.*secret).*file b.csv: line 2: /)
  })
})

describe('a file that is not CSV or JSON lines', () => {
  it.each([
    [
      'compressed without saying so',
      gzipSync('id\n1\n'),
      /line 1: its bytes are those of another format.*gzip/,
    ],
    ['UTF-16', Buffer.from('\ufeffid\n1\n', 'utf16le'), /another format; save it as text.*UTF-16/],
    ['ended by carriage returns', 'id,x\r1,2\r', /line 1: a carriage return.*there is: id,x\\u000d1,2/],
    ['with a column without a name', 'id,x,\n1,2,\n', /line 1: a column of its header has no name/],
    ['with one name twice', 'id,x,X\n1,2,3\n', /two columns of its header have one name/],
    ['with two byte order marks', '\ufeff\ufeffid\n1\n', /begins with a byte order mark/],
    ["with a name of quern's own", 'id,quern_line\n1,2\n', /column quern_line .* keeps for itself/],
  ])('is refused by name: %s', async (_, content, message) => {
    await put('a.csv', content)
    await expect(rows('a.csv')).rejects.toThrow(/^source 's': (file a.csv: |column quern_line)/)
    await expect(rows('a.csv')).rejects.toThrow(message)
  })

  it.each([
    ['with no name in any line', '{}\n', /no line of its files \(a.jsonl\) has a name/],
    ['with an empty name', '{"":1}\n', /file a.jsonl: line 1: an object has an empty name/],
  ])('is refused by name: JSON lines %s', async (_, content, message) => {
    await put('a.jsonl', content)
    await expect(rows('a.jsonl')).rejects.toThrow(message)
  })

  it('is refused together with files that share no column with it', async () => {
    await put('in/a.csv', 'id,x\n1,2\n')
    await put('in/b.csv', 'id;x\n3;4\n')
    await expect(rows('in/*.csv')).rejects.toThrow(
      /file in\/b.csv \(id;x\) has no column of the other files, such as in\/a.csv \(id, x\).*delimiter: ';'/,
    )
    await putParquet('in/a.parquet', 'select 1 as id')
    await putParquet('in/b.parquet', 'select 2 as ident')
    await expect(rows('in/*.parquet')).rejects.toThrow(/in\/b.parquet \(ident\) has no column of the other/)
  })
})
