/**
 * Compares the lineage of PII columns with an engine. If an output changes when only the marked column changes, the
 * lineage must mark the output. It may mark more outputs.
 */
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { selectLineage } from '../../lib/compiler/whole/select-lineage.ts'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { random } from './random.ts'

let engine: DuckDbEngine
beforeAll(async () => {
  engine = await openDuckDb({ scratch: tmpdir() })
})
afterAll(() => engine.close())

/** Two databases that differ only in `email`. */
const world = (emails: string): string =>
  `(select * from (values (1, 'ann', 30), (2, 'bob', 41), (3, 'cem', 52), (4, 'dan', 63)) t(id, city, age)
    join (values ${emails}) e(id, email) using (id))`
const WORLDS = [
  world("(1, 'a@x.org'), (2, 'bb@x.org'), (3, 'a@x.org'), (4, null)"),
  world("(1, 'zoe@long.example.org'), (2, 'q'), (3, null), (4, 'q')"),
]

/** The outputs whose values differ between the two. */
async function changed(sql: string): Promise<readonly string[]> {
  const [one = [], other = []] = await Promise.all(
    WORLDS.map(rows => engine.rows(`with source as ${rows} select * from (${sql}) q order by all`)),
  )
  const names = Object.keys(one[0] ?? other[0] ?? {})
  const column = (rows: typeof one, name: string) => JSON.stringify(rows.map(row => String(row[name])).sort())
  return names.filter(name => column(one, name) !== column(other, name))
}

function select(seed: number): string {
  const { pick, below, chance } = random(seed)
  const plain = () => pick(['age', 'id', 'city', 's.age', "length(city || 'email')", "'email'", 'age * id'])
  const marked = () =>
    pick([
      'email',
      's.email',
      'lower(email)',
      '"EMAIL"',
      'coalesce(city, email)',
      'length(email) + age',
      'count(*) over (partition by email)',
      'case when email is null then 1 else age end',
      'max(email) over ()',
      '/* a comment */ upper(email)',
      'to_json(s)',
      'age + (select count(email) from source)',
    ])
  const items = Array.from({ length: 1 + below(4) }, (_, i) =>
    chance(0.1) ? '*' : `${chance(0.4) ? marked() : plain()} ${chance(0.5) ? 'as ' : ''}out_${i}`,
  )
  const where = pick([
    '',
    '',
    '',
    'where age > 35',
    "where email like 'a%'",
    'where exists (select 1 from source o where o.email = s.email and o.id <> s.id)',
  ])
  const from = pick(['source s', 'source s', 'source as s', '(select * from source) s'])
  const body = `select ${chance(0.1) ? 'distinct ' : ''}${items.join(', ')} from ${from} ${where}`
  if (chance(0.15)) return `with w as (${body}) select * from w`
  return chance(0.1) ? `${body} union all ${body}` : body
}

describe('the lineage of a SELECT', () => {
  it.each(Array.from({ length: 300 }, (_, seed) => [seed]))(
    'covers every output that changes with the column, seed %i',
    async seed => {
      const sql = select(seed)
      const { carries } = selectLineage(sql, ['email'])
      const missed = (await changed(sql)).filter(name => !carries(name))
      expect({ sql, missed }).toEqual({ sql, missed: [] })
    },
  )

  it.each([
    ['select id, lower(email) as e, age from source', ['e'], ['id', 'age']],
    [
      'select id, age, count(*) as n, age * id as product from source group by 1, 2',
      [],
      ['age', 'n', 'product'],
    ],
    ["select id, 'email' as word, age as email from source -- email", [], ['word', 'email']],
    ['select *, age + 1 as older from source', ['email'], ['older', 'age']],
    ['select lower(email) as e, e || city as f, age from source', ['e', 'f'], ['age']],
    ["select age from source where email <> ''", ['age'], []],
    ['select s.age from source s join other o on o.email = s.email', ['age'], []],
    ['with w as (select email, age from source) select age from w', ['age'], []],
    ['select age, city from source where age > 1 and city is not null order by id', [], ['age', 'city']],
    ['select o as r, s.age from source s join other as o using (id)', ['r'], ['age']],
    ['select *, id as other from source', ['email'], ['other', 'email_1']],
    ['select *, lower(email) as email from source', ['email', 'email_1'], ['age']],
    ['select to_json(s) as j, s.age from source s', ['j'], ['age']],
    ['select age, extract(year from at) as y from source', [], ['age', 'y']],
  ])('of %s', (sql, carrying, others) => {
    const { carries } = selectLineage(sql, ['EMAIL'])
    expect([...carrying, ...others].filter(carries)).toEqual(carrying)
  })

  it('names the column that an output copies unchanged', () => {
    const { columnOf } = selectLineage('select mail as email, s.phone, upper(name) as name from source s', [])
    expect(['email', 'phone', 'name', 'other'].map(columnOf)).toEqual(['mail', 'phone', null, null])
  })
})
