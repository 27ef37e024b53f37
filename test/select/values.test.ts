/**
 * DuckDB gives the values that Trino 476 gave. Recorded by QUERN_RECORD=1 npm run conformance -- selects, which asks Trino
 * for all cases; a part of them is kept.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/duckdb-engine.ts'
import { selectProblems } from '../../lib/select/index.ts'
import { localRows } from './both-engines.ts'

const file = new URL('trino-values.json', import.meta.url)
const recorded = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>)

let engine: DuckDbEngine
let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'quern-select-'))
  engine = await openDuckDb({ scratch })
})
afterAll(async () => {
  engine.close()
  await rm(scratch, { recursive: true })
})

const CASES = [
  ['1 / 2', '0'],
  ['-7 / 2', '-3'],
  ['1.0 / 3', '0.3'],
  ['cast(2.5e0 as bigint)', '3'],
  ['cast(2.5e0 as varchar)', '2.5E0'],
  ["concat('a', cast(null as varchar))", null],
  ['greatest(1, cast(null as bigint))', null],
  ["date_diff('day', timestamp '2024-01-07 23:00:00', timestamp '2024-01-08 01:00:00')", '0'],
  ["extract(dow from date '2024-01-07')", '7'],
  ["regexp_replace('aXbX', 'X', '')", 'ab'],
  ["split_part('a-b', '-', 5)", null],
  ["substr('hello', 0)", ''],
  ["upper('straße')", 'STRAßE'],
  ['nan() = nan()', 'false'],
  ["date('2024-01-05')", '2024-01-05'],
  ["date(timestamp '2024-01-05 10:11:12')", '2024-01-05'],
] as const

describe('an expression', () => {
  it.each(CASES)('%s has Athena’s value', async (expression, value) => {
    expect(await localRows(engine, `select ${expression}`)).toEqual([[value]])
  })

  it.each([
    ['1 / 0'],
    ["cast('2.6' as bigint)"],
    ["cast('2024-01-05 10:11:12 +0200' as timestamp)"],
    ["try_cast('2024-01-05 10:11:12 EST' as timestamp)"],
    ["cast('2024/01/05' as date)"],
    ["cast('2024-01-05 24:00:00' as timestamp)"],
    ["try_cast('2024-03-31 02:30:00 Europe/Berlin' as timestamp)"],
    ["cast(timestamp '2024-01-05 10:11:12' as varchar)"],
    ["date '2024-01-05' - date '2024-01-01'"],
    ["1 = '1'"],
    ['upper(5)'],
    ["1 || 'a'"],
    ['array[1][2]'],
  ])('%s is refused', async expression => {
    expect(await localRows(engine, `select ${expression}`)).toHaveProperty('refused')
  })
})

describe('what Trino 476 gave', () => {
  it('is what DuckDB gives, for each expression and SELECT that was recorded', async () => {
    const differences: unknown[] = []
    for (const [sql, trino] of recorded) {
      const isSelect = sql.startsWith('with')
      const rows = await localRows(engine, isSelect ? sql : `select ${sql}`)
      const local = 'refused' in rows ? rows : isSelect ? JSON.stringify(rows) : (rows[0]?.[0] ?? null)
      const same = JSON.stringify(local === '-0E0' ? '0E0' : local) === JSON.stringify(trino)
      if (!same) differences.push({ sql, local, trino })
    }
    expect(differences).toEqual([])
    expect(recorded.length).toBeGreaterThan(300)
  })
})

describe('the checker', () => {
  it.each([
    [
      'joins, CTEs and windows',
      'with a as (select id, n from source) select a.id, sum(b.n) over (partition by a.id order by b.id rows between 1 preceding and current row) as s from a left join source b on a.id = b.id',
    ],
    ['named windows', 'select rank() over w as r from source window w as (partition by k order by id)'],
    [
      'case, filter, in, exists',
      "select case when n in (1, 2) then 'a' else 'b' end as c, (select count(*) filter (where n > 1) from source) as f from source where exists (select 1 from source s where s.id = source.id)",
    ],
    [
      'unnest and lambdas',
      "select id, t from source cross join unnest(transform(split(s, ','), x -> trim(x))) as u (t)",
    ],
    ['grouping sets', 'select k, count(*) as c from source group by grouping sets ((k), ())'],
    [
      'union, intersect, except',
      'select id from source union all (select id from source intersect select id from source) except select 1',
    ],
    [
      'nulls first, offset, fetch',
      'select id from source order by id desc nulls first offset 1 fetch first 2 rows only',
    ],
    ['comments and quoted names', 'select "id" /* the key */ from source -- all'],
    [
      'substring, position, trim with words',
      "select substring(s from 2 for 3) as a, position('a' in s) as b, trim(both 'x' from s) as c from source",
    ],
  ])('takes %s', (_, sql) => {
    expect(selectProblems(sql, { source: null })).toEqual([])
  })

  it.each([
    ['select a::int from source', /cast\(/],
    ['select [1, 2] as a from source', /array\[/],
    ['select * from source a asof join source b using (id)', /inner, left/],
    ['select distinct on (a) a from source', /row_number/],
    ['from source', /select/],
    ['select a from source group by all', /expression/],
    ['select a, from source', /expression/],
    ['select interval 1 day as i from source', /interval '1' day/],
    ['select list_sum(a) as s from source', /arrays/],
    ['select coalsce(a, 1) as s from source', /coalesce/],
    ['select a // 2 as h from source', /whole/],
    ['select x.y.z as f from source x', /structs/],
    ["select a from 'file.csv'", /a name/],
    ["select * from read_csv('a')", /table/],
    ['select row_number() over () as r from source', /order by/],
    ['select array_agg(a) as l from source', /order by/],
  ])('refuses %s with what to write', (sql, instead) => {
    expect(selectProblems(sql, { source: null })[0]?.instead).toMatch(instead)
  })
})
