/**
 * DuckDB returns the values that Trino 476 returned. `QUERN_RECORD=1 npm run conformance -- selects` runs all cases on
 * Trino and records a part of them.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
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

describe('the recorded results of Trino 476', () => {
  it('equal those of DuckDB for each expression and SELECT', async () => {
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
    ['select array_agg(a) over (partition by b) as l from source', /order by/],
    ['select row_number() over (order by 1) as l from source', /a column/],
    ['select sum(a) filter (where a > 1) over (order by b) as l from source', /case when/],
    ["select a from source where a like 'a!b' escape '!'", /before %/],
    ["select regexp_extract(a, '(x)|(y)', 1) as l from source", /\(\?:/],
    ["select date_parse(a, '%H:%i') as l from source", /%Y/],
    ["select bigint 'x' as l from source", /cast\(/],
    ["select json '{}' as l from source", /cast\(/],
    ['select lag(a, b) over (order by a) as l from source', /literal/],
  ])('refuses %s with what to write', (sql, instead) => {
    expect(selectProblems(sql, { source: null })[0]?.instead).toMatch(instead)
  })
})

/** The known columns of `source`: all of them in an ingest, the declared ones in a check. */
const COLUMNS = [
  { name: 'id', type: 'INTEGER' },
  { name: 'k', type: 'VARCHAR' },
  { name: 'n', type: 'BIGINT' },
  { name: 'x', type: 'DOUBLE' },
  { name: 'd', type: 'DATE' },
  { name: 'ts', type: 'TIMESTAMP' },
]

const REFUSED_NAMES = [
  ['select n + 1 as b, b * 2 as c from source', /the expression itself/],
  ['select n + 1 as b from source where b > 3', /the expression itself/],
  ['select k as kk, count(*) as c from source group by kk', /the expression itself/],
  ['select k, sum(n) as total from source group by k having total > 3', /the expression itself/],
  ['select k as g from source group by rollup (g)', /the expression itself/],
  ['select k, -max(n) as n from source group by k order by max(n)', /table\.n/],
  ['select id, k as id from source', /a name of its own/],
  ['select * from source a join source b on a.id = b.id', /a name of its own/],
  ['select a.id from source a join source b using (id)', /^id$/],
  ['select a.id from source a, source b join source c on a.id = c.id', /^id$/],
  ['select id from source a join source b on a.id = b.id', /table\.id/],
  ['select a.id from source as a (id, z)', /a name for each column/],
  ['select _col0 as a from (select count(*) from source)', /a column of a table/],
  ['select source as a from source', /one of the columns/],
  ['select idd from source', /^id$/],
  ['select z.* from source', /table behind from/],
  ['select id as a from source union select n from source order by id', /a/],
  ['select id as a from source union select n from source order by a + 1', /a SELECT around/],
  ['select distinct k from source order by n', /a column of the SELECT/],
  ['select k from source group by cube (k, n > 0)', /a column/],
] as const

const REFUSED_TYPES = [
  ['select true + true as a from source', /numbers/],
  ['select n = k as a from source', /cast\(/],
  ["select n in (1, '2') as a from source", /cast\(/],
  ['select id from source where n in (select k from source)', /cast\(/],
  ['select id from source where n in (select n, id from source)', /one column/],
  ['select id from source where x in (select x from source)', /exists/],
  ["select n between '1' and '2' as a from source", /cast\(/],
  ["select case when id = 1 then 1 else 'x' end as a from source", /cast\(/],
  ['select case when id = 1 then true else 0 end as a from source', /cast\(/],
  ["select case id when '1' then 1 end as a from source", /cast\(/],
  ['select coalesce(k, n) as a from source', /coalesce\(/],
  ["select if(id = 1, 'x', 1) as a from source", /if\(/],
  ['select nullif(k, 1) as a from source', /nullif\(/],
  ['select id from source union all select k from source', /cast\(/],
  ['select id, k from source union all select id from source', /as many columns/],
  ["select array[n, 'a'] as a from source", /cast\(/],
  ["values (1, 'a'), (2, 3)", /cast\(/],
  ['select id from source where n', /true or false/],
  ['select not n as a from source', /true or false/],
  ['select case when n then 1 end as a from source', /true or false/],
  ['select count(*) filter (where n) as a from source', /true or false/],
  ['select -k as a from source', /a number/],
  ["select n like '1%' as a from source", /varchar/],
  ['select k || n as a from source', /varchar/],
  ['select cast(ts as varchar) as a from source', /date_format/],
  ['select cast(ts as bigint) as a from source', /to_unixtime/],
  ['select cast(d as bigint) as a from source', /a cast to bigint from/],
  ['select ts - ts as a from source', /date_diff/],
  ["select id from source where interval '1' month > interval '29' day", /months?/],
  ["select ts + interval '1' day * 1.5 as a from source", /whole number/],
  ['select lead(n, 1, 0.5) over (order by id) as a from source', /cast\(/],
  ['select count(*) as c from source a join source b using (x)', /no double/],
  ['select d[1] as a from source', /an array/],
] as const

describe('the checker of names and types', () => {
  it.each(REFUSED_NAMES)('refuses %s if all columns are known', (sql, instead) => {
    expect(selectProblems(sql, { source: COLUMNS })[0]?.instead).toMatch(instead)
  })

  it.each(REFUSED_TYPES)('refuses %s if the types are declared', (sql, instead) => {
    expect(selectProblems(sql, { source: { declared: COLUMNS } })[0]?.instead).toMatch(instead)
    expect(selectProblems(sql, { source: COLUMNS })[0]?.instead).toMatch(instead)
  })

  it.each([
    ['select n + 1 as b, b * 2 as c, other from source'],
    ['select b.id from source a join other_columns b using (id)'],
    ['select * from source'],
    ['select id as a from source union all select other from source order by a'],
  ])('takes %s where other columns may be there', sql => {
    const tables = { source: { declared: COLUMNS }, other_columns: null }
    expect(selectProblems(sql, tables)).toEqual([])
  })
})
