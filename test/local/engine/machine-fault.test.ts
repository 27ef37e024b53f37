/** Faults of the machine on the real engines: a full disk, a folder without permission, no descriptors, no memory. */
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openDuckDb, QueryError } from '../../../lib/local/engine/duckdb-engine.ts'
import { machineFault } from '../../../lib/local/engine/machine-fault.ts'
import { memoryLimit } from '../../../lib/local/engine/memory-limit.ts'
import { StoreError } from '../../../lib/store-error.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quern-faults-'))
})
afterAll(() => rm(folder, { recursive: true }))

const thrownBy = async (work: () => unknown): Promise<unknown> => {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('machineFault', () => {
  it('reports a full disk for Node, DuckDB and SQLite', async () => {
    const node = await thrownBy(() => writeFile('/dev/full', 'text'))
    expect(machineFault(node)).toMatchObject({ code: 'disk-full' })
    const database = new DatabaseSync(join(folder, 'full.sqlite'))
    database.exec('pragma max_page_count = 2; create table t (a)')
    const sqlite = await thrownBy(() => database.exec('insert into t values (zeroblob(100000))'))
    expect(machineFault(sqlite)).toMatchObject({ code: 'disk-full' })
    database.close()
    const engine = await openDuckDb({ scratch: join(folder, 'scratch') })
    const duckdb = await thrownBy(() => engine.run("copy (select 1 as a) to '/dev/full' (format csv)"))
    engine.close()
    expect(duckdb).toMatchObject({ code: 'disk-full', message: expect.stringContaining('/dev/full') })
  })

  it('reports a folder that this user may not write, and no file is left there', async () => {
    const node = await thrownBy(() => mkdir('/sys/quern'))
    expect(machineFault(node)).toMatchObject({
      code: 'not-permitted',
      message: expect.stringContaining('/sys/quern'),
    })
    const engine = await openDuckDb({ scratch: join(folder, 'scratch') })
    const unload = await thrownBy(() => engine.unload('select 1 as a', '/sys/quern/a.parquet'))
    engine.close()
    expect(unload).toMatchObject({ code: 'not-permitted' })
  })

  it('reports a lack of memory, and unfinished files are removed', async () => {
    const engine = await openDuckDb({ scratch: join(folder, 'none/such'), memoryLimit: '20MB' })
    const query = 'select list(i) as l from range(30000000) t(i) group by i % 3'
    const error = await thrownBy(() => engine.unload(query, join(folder, 'large/l.parquet')))
    engine.close()
    expect(error).toMatchObject({ code: 'out-of-memory' })
    expect(String(error)).not.toMatch(/duckdb|memory_limit|threads|SET /i)
    expect(await readdir(join(folder, 'large'))).toEqual([])
  })

  it('reports a lack of descriptors', async () => {
    const file = join(folder, 'a.csv')
    await writeFile(file, 'a\n1\n')
    const script = join(import.meta.dirname, 'without-descriptors.ts')
    const command = `ulimit -n 100; exec "${process.execPath}" "${script}" "${join(folder, 'scratch')}" "${file}"`
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
    expect([stdout, stderr]).toEqual(['["too-many-files","too-many-files"]', ''])
  })

  it('depends only on the error and its causes', async () => {
    const cause = Object.assign(new Error('write'), { code: 'ENOSPC', path: '/data/file' })
    expect(machineFault(new Error('the run failed', { cause }))).toMatchObject({ code: 'disk-full' })
    expect(machineFault(new StoreError('rows-refused', 'rows', { cause }))).toBeNull()
    expect(machineFault(new Error('IO is not what this says: no space left'))).toBeNull()
    expect(machineFault('text')).toBeNull()
  })
})

describe('the message of a failed query', () => {
  it.each([
    ['a name that is unknown', 'select temprature from (select 1 as temperature)', 'temprature'],
    ['a table that is unknown', 'select * from nothing_such', 'nothing_such'],
    ['a function that is unknown', 'select substrin(1, 2)', 'substrin'],
    ['types that do not fit', "select strlen(date '2024-01-01', 1)", 'strlen'],
    ['text that is no number', "select cast('abc' as integer)", 'abc'],
    ['a text that ends too soon', 'select (1', 'syntax error'],
    ['a file that is no Parquet', `select * from read_parquet('${import.meta.filename}')`, 'magic bytes'],
    ['a row that CSV cannot be', "select * from read_csv('{file}', columns = {a: 'INT', b: 'INT'})", 'CSV'],
  ])('names %s, without advice, the text of the query or a second line', async (_, sql, named) => {
    const file = join(folder, 'rows.csv')
    await writeFile(file, 'a,b\n1,2\nx,3\n')
    const engine = await openDuckDb({ scratch: join(folder, 'scratch') })
    const error = await thrownBy(() => engine.rows(sql.replace('{file}', file)))
    engine.close()
    expect(error).toBeInstanceOf(QueryError)
    const message = error instanceof Error ? error.message : ''
    expect(message).toContain(named)
    expect(message).not.toMatch(
      /\n|\^|LINE|Candidate|Did you mean|did you mean|Possible|You might|Try |ignore_errors|SET |https?:/,
    )
  })
})

describe('memoryLimit', () => {
  const GB = 1_000_000_000
  it.each([
    ['half of a small machine', undefined, { total: 2 * GB, constrained: 0 }, '1000MB'],
    ['half of what a container allows', undefined, { total: 64 * GB, constrained: 1 * GB }, '500MB'],
    [
      'the machine’s, where the container allows more than it has',
      undefined,
      { total: GB, constrained: 2 ** 64 },
      '500MB',
    ],
    ['at most 4 GB', undefined, { total: 64 * GB, constrained: 0 }, '4000MB'],
    ['at least 128 MB', undefined, { total: 0.1 * GB, constrained: 0 }, '128MB'],
    ['what QUERN_MEMORY says', '3GB', { total: GB, constrained: 0 }, '3GB'],
  ])('is %s', (_, wanted, memory, limit) => {
    expect(memoryLimit(wanted, memory)).toBe(limit)
  })

  it('refuses a value that is not an amount', () => {
    expect(() => memoryLimit('lots')).toThrow(/QUERN_MEMORY: 'lots' is not an amount of memory/)
  })
})
