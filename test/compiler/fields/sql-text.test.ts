import { describe, expect, it } from '@jest/globals'
import { pathIn } from '../../../lib/compiler/diagnostics/diagnostic-path.ts'
import { canonicalSql, checkSelect } from '../../../lib/compiler/fields/sql-text.ts'

describe('canonical SQL', () => {
  it.each([
    [
      'loses the indentation of its definition',
      '\n    select a,\n           b\n    from source\n  ',
      'select a,\n       b\nfrom source',
    ],
    [
      'loses indentation that its first line does not have',
      'select a\n      from source\n      where b',
      'select a\nfrom source\nwhere b',
    ],
    [
      'loses spaces at ends of lines, and carriage returns',
      'select a  \r\nfrom source',
      'select a\nfrom source',
    ],
    ['keeps spaces within a line', "select  'a  b'  from source", "select  'a  b'  from source"],
    [
      'keeps a value that spans lines',
      "\n  select 'a\n    b  \n' from source\n",
      "select 'a\n    b  \n' from source",
    ],
    ['keeps a name that spans lines', '  select "a\n    b" from source', 'select "a\n    b" from source'],
    [
      'ignores a quote in a comment',
      "  -- it's\n  select 1\n  -- it's",
      "-- it's\n  select 1\n  -- it's".replaceAll('\n  ', '\n'),
    ],
  ])('%s', (_what, sql, canonical) => {
    expect(canonicalSql(sql)).toBe(canonical)
    expect(canonicalSql(canonical)).toBe(canonical)
  })
})

describe('the check for one SELECT', () => {
  const mistakes = (sql: unknown) => {
    const found: Parameters<typeof pathIn>[0] = []
    checkSelect(pathIn(found, 'here'), sql, [])
    return found.map(mistake => mistake.code)
  }

  it.each([
    ['select 1'],
    ['SELECT\n1'],
    ['with a as (select 1) select * from a'],
    ['-- why\n/* and how; */ select 1'],
    ["select ';', 'it''s;', \";\" from source -- ; '"],
    ["select '--' as a, '/*' as b from source"],
    ['select"a" from source'],
  ])('accepts %j', sql => {
    expect(mistakes(sql)).toEqual([])
  })

  it.each([
    ['select 1; drop table a'],
    ["select 'a''; "],
    ["select '''"],
    ['select "a'],
    ['select 1 /* and'],
    ['(select 1)'],
    ['selected'],
    [7],
    [null],
  ])('refuses %j', sql => {
    expect(mistakes(sql)).toEqual(['bad-transformation'])
  })
})
