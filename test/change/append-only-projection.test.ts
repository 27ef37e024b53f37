import { describe, expect, it } from '@jest/globals'
import { isAppendOnlyProjection } from '../../lib/change/append-only-projection.ts'

const WAS = "select k, t, count(*) as n -- how many\nfrom source where city = 'from' group by 1, 2"
const grown = (columns: string) => WAS.replace(' -- how many\n', `${columns}\n`)

describe('an append-only projection', () => {
  it.each([
    ['a column', WAS, grown(', m')],
    ['an expression with a name', WAS, grown(', max(x, y) as m')],
    ['two columns', WAS, grown(', sum(x) as m, "q"')],
    ['an expression with a FROM of its own', WAS, grown(', extract(year from t) as m')],
    ['a column, and other spaces', WAS, grown(' ,  m  ')],
    [
      'a column after a WITH',
      `with w as (select 1 as k from source) ${WAS}`,
      `with w as (select 1 as k from source) ${grown(', m')}`,
    ],
  ])('accepts %s', (_what, was, is) => {
    expect(isAppendOnlyProjection(was, is, ['m', 'q'])).toBe(true)
  })

  it.each([
    ['no change', WAS, WAS],
    ['a column in front', WAS, WAS.replace('select k', 'select m, k')],
    ['a column that is no feature', WAS, grown(', z')],
    ['an expression without a name', WAS, grown(', m + 1')],
    [
      'a name that already occurs in the SELECT',
      'select k, t from source where m > 1',
      'select k, t, 2 as m from source where m > 1',
    ],
    ['an additional change of the filter', WAS, grown(', m').replace("'from'", "'to'")],
    ['a removed column', WAS, 'select k, t, m from source group by 1, 2'],
    ['more rows', WAS, grown(', unnest(x) as m')],
    [
      'a column among distinct ones',
      WAS.replace('count(*)', 'count(distinct x)'),
      grown(', m').replace('count(*)', 'count(distinct x)'),
    ],
    [
      'a column of an inner SELECT',
      'select k from (select k from source)',
      'select k from (select k, m from source)',
    ],
    [
      'a column of a WITH',
      'with w as (select k from source) select k from w',
      'with w as (select k, m from source) select k from w',
    ],
    ['a condition', 'select k from source', 'select k from source where m > 1'],
    [
      'another source',
      'select k, t from source',
      'select k, t, m from other, lateral (select 1) as m from source',
    ],
  ])('does not accept %s', (_what, was, is) => {
    expect(isAppendOnlyProjection(was, is, ['m', 'q'])).toBe(false)
  })
})
