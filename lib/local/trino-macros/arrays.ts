import { define, failing, type Macro } from './overloads.ts'

const OUTSIDE = failing('an index outside of the array; element_at(…) gives null there')

const LONG = failing('sequence(): at most 10,000 numbers')

/** Number of nulls in the array. */
const nullCount = '(len(a) - len(list_filter(a, lambda e: e is not null)))'

/** Ignores NaN unless all elements are NaN. */
const extreme = (name: string, aggregate: string): Macro =>
  define(
    name,
    `(a DOUBLE[]) as case when ${nullCount} > 0 then null else coalesce(${aggregate}(list_filter(a, lambda e: not isnan(e))), ${aggregate}(a)) end`,
    `(a) as case when ${nullCount} > 0 then null else ${aggregate}(a) end`,
  )

export const ARRAYS: readonly Macro[] = [
  define('cardinality', '(a) as array_length(a)'),
  define('subscript', `(a, n) as case when n < 1 or n > len(a) then ${OUTSIDE} else a[n] end`),
  define(
    'element_at',
    `(a, n) as case when n = 0 then ${failing('element_at(): arrays begin at 1')} else a[n] end`,
  ),
  define(
    'contains',
    `(a DOUBLE[], x DOUBLE) as case when x is null or a is null then null when not isnan(x) and list_contains(a, x) then true when ${nullCount} > 0 then null else false end`,
    `(a, x) as case when x is null or a is null then null when list_contains(a, x) then true when ${nullCount} > 0 then null else false end`,
  ),
  define(
    'array_position',
    '(a DOUBLE[], x DOUBLE) as case when a is not null and x is not null then case when isnan(x) then 0 else coalesce(list_position(a, x), 0) end end',
    '(a, x) as case when a is not null and x is not null then coalesce(list_position(a, x), 0) end',
  ),
  define(
    'array_remove',
    '(a DOUBLE[], x DOUBLE) as case when x is not null then list_filter(a, lambda e: e is null or isnan(e) or isnan(x) or e <> x) end',
    '(a, x) as case when x is not null then list_filter(a, lambda e: e is null or e <> x) end',
  ),
  extreme('array_max', 'list_max'),
  extreme('array_min', 'list_min'),
  define('array_sort', "(a) as list_sort(a, 'ASC', 'NULLS LAST')"),
  define('array_distinct', '(a) as list_filter(a, lambda e, i: coalesce(list_position(a, e), 0) = i)'),
  define(
    'array_join',
    `(a, d VARCHAR) as case when a is not null and d is not null then coalesce(array_to_string(a, d), '') end`,
    '(a, d VARCHAR, n VARCHAR) as case when a is not null and d is not null then array_to_string(list_transform(a, lambda e: coalesce(e, n)), d) end',
  ),
  define(
    'slice',
    `(a, s, n) as case when a is null or s is null or n is null then null when s = 0 or n < 0 then ${failing('slice(): a start that is not 0, a length from 0')} when abs(s) > len(a) then a[2:1] when s < 0 then a[len(a) + s + 1 : len(a) + s + n] else a[s : s + n - 1] end`,
  ),
  define(
    'sequence',
    `(a BIGINT, b BIGINT) as case when abs(b - a) >= 10000 then ${LONG} when a <= b then generate_series(a, b) else generate_series(a, b, -1) end`,
    `(a BIGINT, b BIGINT, s BIGINT) as case when s <> 0 and abs((b - a) / s) >= 10000 then ${LONG} when s = 0 or (s > 0 and b < a) or (s < 0 and b > a) then ${failing('sequence(): a step that leads from its start to its end')} else generate_series(a, b, s) end`,
  ),
  define('flatten', '(a) as flatten(a)'),
  define(
    'any_true',
    `(a) as case when list_contains(a, true) then true when ${nullCount} = 0 then false end`,
  ),
  define(
    'all_true',
    `(a) as case when list_contains(a, false) then false when ${nullCount} = 0 then true end`,
  ),
]
