/**
 * Operators with notes for readers, and refused operators with their replacements. The grammar has no other operators.
 */
export const OPERATORS: readonly (readonly [string, string])[] = [
  ['a + b, a - b, a * b', 'numbers; too large a result is a failure'],
  [
    'a / b',
    'between whole numbers it is whole, cut off towards zero; between decimals it has as many digits as the longer of both, halves away from zero; division by zero is a failure, of doubles it is infinite or NaN',
  ],
  ['a % b', 'has the sign of a'],
  ['-a', ''],
  [
    'date + interval, timestamp + interval, n * interval',
    'months end on the last day there is; a date takes months and days',
  ],
  ['timestamp - timestamp', 'an interval; of dates use date_diff'],
  ['a || b', 'texts or arrays; null if either is'],
  [
    '=, <>, !=, <, <=, >, >=',
    'of one type on both sides, numbers of any, a date beside a timestamp; not of arrays; NaN is equal to nothing, nor less or greater',
  ],
  ['is [not] distinct from', ''],
  ['is [not] null', ''],
  ['[not] between … and …', ''],
  ['[not] in (…)', 'values of one type, or a subquery of one column, which is no double'],
  ['[not] like … [escape …]', 'letters are told apart by their case'],
  ['and, or, not', 'of booleans'],
  ['case … when … then … else … end', 'results of one type, numbers of any'],
  ['a[n]', 'counts from 1; outside of the array it is a failure'],
  ['x -> …', 'in functions of arrays'],
]

export const REFUSED: readonly (readonly [string, string])[] = [
  [
    'a name that the same SELECT gives, elsewhere than behind `order by`: `select a + 1 as b, b * 2 as c`',
    'the expression itself, or a SELECT around it',
  ],
  ['two columns of one name, a column without a name in a SELECT around it', '`… as a`'],
  [
    '`a.id` of a key of `using (id)`, a condition of `on` over a table of another join, a table as a value',
    '`id`; the tables of the join; its columns',
  ],
  [
    'values of unlike types in `union`, `case`, `coalesce`, `values`, `array[…]`, a comparison',
    '`cast(… as …)`',
  ],
  [
    '`order by` of a union, or of `select distinct`, by something else than its columns',
    'a SELECT around it',
  ],
  ['an expression in `rollup`, `cube`, `grouping sets`', 'a column that a SELECT within names'],
  ['`… filter (…) over`', '`case when … then … end` as its argument'],
  ['months with days in one interval, an interval as a column', '`date_diff(…)`'],
  ['`a::type`', '`cast(a as type)`'],
  ['`date - date`', "`date_diff('day', from, to)`"],
  [
    'a timestamp as varchar',
    "`date_format(t, '%Y-%m-%d %H:%i:%s')`: how many digits Athena prints depends on the table",
  ],
  ['`at time zone`, timestamps with a zone', 'timestamps in UTC'],
  ['`now()`, `current_timestamp`', '`localtimestamp`'],
  ['`random()`, `uuid()`, `tablesample`', 'a column: what is by chance differs from run to run'],
  ['`approx_distinct`, `approx_percentile`', '`count(distinct …)`'],
  ['`arbitrary`, `any_value`', '`min(…)` or `max_by(…, …)`'],
  ['`ilike`', '`lower(a) like …`'],
  ['`qualify`', 'a SELECT around it, with `where`'],
  ['`select * exclude`, `group by all`, `with recursive`, `natural join`', 'the columns by name'],
  ['rows, maps, structs, JSON', 'columns of their own'],
  ['`limit` without `order by`', '`order by … limit …` (`--spine` may take any rows)'],
]
