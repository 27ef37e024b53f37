/** What a user's query may do on the real engine: a refused query has no effect. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type DuckDbEngine, openDuckDb } from '../../../lib/local/engine/duckdb-engine.ts'

let folder: string
let engine: DuckDbEngine
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quern-admit-'))
  engine = await openDuckDb({ scratch: join(folder, 'scratch') })
  await mkdir(join(folder, 'project/.quern'), { recursive: true })
  await mkdir(join(folder, 'project/data'))
  for (const path of ['project/data/in.csv', 'project/.quern/secret.csv', 'outside.csv'])
    await writeFile(join(folder, path), 'a\n1\n')
  await symlink(join(folder, 'outside.csv'), join(folder, 'project/data/link.csv'))
})
afterAll(async () => {
  engine.close()
  await rm(folder, { recursive: true })
})

const admit = (text: string, files?: string) =>
  engine.admit?.({
    name: '--spine',
    text,
    tables: ['source', 'flights'],
    ...(files === undefined ? {} : { files }),
  })

describe("a user's query", () => {
  it.each([
    'select * from source',
    'SELECT f.a, count(*) from Flights f join source using (a) group by 1 -- why not',
    'with a as (select 1 as x), b as (select * from a) select * from b, source order by x limit 3',
    'with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) select * from n',
    'select x from unnest([1, 2]) t(x) union all select * from range(3) union all values (1)',
    "select 'read_csv(''/etc/passwd'')' as text, list_transform([1], x -> x + 1)",
    'select (select max(a) from source s where s.a = f.a) from flights f where exists (select 1 from source)',
    'from source select a',
  ])('may be a SELECT over the allowed tables: %s', async text => {
    await expect(admit(text)).resolves.toBeUndefined()
  })

  it.each([
    ["select * from read_text('/etc/passwd')", 'read_text'],
    ["select * from read_blob('/etc/passwd')", 'read_blob'],
    ["select * from glob('/*')", 'glob'],
    ["select * from read_csv('/etc/passwd')", "'/etc/passwd'"],
    ["select (select count(*) from read_parquet(['/a.parquet'])) as n", "'/a.parquet'"],
    ["select * from '/etc/hosts.csv'", "'/etc/hosts.csv'"],
    ["select * from source union all select * from 'https://example.com/x.parquet'", 'example.com'],
    ["select * from source where a in (select a from 's3://bucket/x.parquet')", 's3://bucket'],
    ['with "x.csv" as (select 1) select * from \'x.csv\'', "'x.csv'"],
    ["select * from query('select 1')", 'query'],
    ["select * from query_table('source')", 'query_table'],
    ['select * from duckdb_settings()', 'duckdb_settings'],
    ['select * from duckdb_secrets()', 'duckdb_secrets'],
    ['select * from information_schema.tables', "'information_schema.tables'"],
    ['select * from sqlite_master', "'sqlite_master'"],
    ['select * from memory.main.source', "'memory.main.source'"],
    ['select * from nowhere', "there is no table 'nowhere'; it may read source, flights"],
    ["select getenv('HOME')", 'getenv'],
    ["select current_setting('temp_directory')", 'current_setting'],
    ["select * from sniff_csv('/etc/passwd')", 'sniff_csv'],
    ["select * from parquet_metadata('x.parquet')", 'parquet_metadata'],
    ['select $1', 'parameter'],
    ['describe source', 'SELECT'],
    ['show tables', 'SELECT'],
    ['summarize source', 'SELECT'],
    ['select 1; select 2', '2 statements'],
    ['select 1; drop table source', 'SELECT'],
    ['', '0 statements'],
    ['-- nothing', '0 statements'],
    ['select 1) q; drop table t; --', 'cannot be read'],
    ['select', 'cannot be read'],
    ["copy (select 1) to '@/written.csv'", 'no SELECT'],
    ["attach '@/written.db' as other", 'no SELECT'],
    ["export database '@/written'", 'no SELECT'],
    ['create table t as select 1', 'no SELECT'],
    ['insert into source values (1)', 'no SELECT'],
    ['install httpfs', 'no SELECT'],
    ['load httpfs', 'no SELECT'],
    ['pragma version', 'no SELECT'],
    ["set memory_limit = '1GB'", 'no SELECT'],
    ['call pragma_version()', 'no SELECT'],
    ['explain analyze select 1', 'no SELECT'],
    ['pivot source on a', 'no SELECT'],
    ['begin', 'no SELECT'],
    ['use other', 'no SELECT'],
    ['checkpoint', 'no SELECT'],
    ['vacuum', 'no SELECT'],
    ['prepare p as select 1', 'no SELECT'],
  ])('is refused before it runs: %s', async (text, words) => {
    const message = expect.stringContaining(words)
    const refused = { code: 'query-refused', message }
    await expect(admit(text.replace('@', folder))).rejects.toMatchObject(refused)
    expect(existsSync(join(folder, 'written.csv')) || existsSync(join(folder, 'written.db'))).toBe(false)
  })

  it("may read the project's files only when it is the local query of a table source", async () => {
    const project = join(folder, 'project')
    for (const path of ['data/in.csv', 'data/*.csv'])
      await expect(
        admit(`select * from read_csv('${join(project, path)}')`, project),
      ).resolves.toBeUndefined()
    await expect(admit(`from '${join(project, 'data/in.csv')}'`, project)).resolves.toBeUndefined()
    for (const path of ['.quern/secret.csv', '../outside.csv', 'data/../.quern/secret.csv', 'data/link.csv'])
      await expect(admit(`select * from read_csv('${project}/${path}')`, project)).rejects.toMatchObject({
        code: 'query-refused',
      })
    await expect(admit("select * from read_csv('/etc/' || 'passwd')", project)).rejects.toMatchObject({
      code: 'query-refused',
    })
  })
})

it('the DuckDB engine downloads no extension and locks its settings', async () => {
  await expect(engine.rows("select * from 'https://127.0.0.1:1/x.parquet'")).rejects.toThrow('httpfs')
  await expect(engine.run("set memory_limit = '1GB'")).rejects.toThrow('locked')
})
