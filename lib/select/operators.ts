/** Operators and their notes, and what is refused in their place; for people. The grammar has no others. */
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
    'of one type on both sides, numbers of any; NaN is equal to nothing, nor less or greater',
  ],
  ['is [not] distinct from', ''],
  ['is [not] null', ''],
  ['[not] between … and …', ''],
  ['[not] in (…)', 'values or a subquery'],
  ['[not] like … [escape …]', 'letters are told apart by their case'],
  ['and, or, not', 'of booleans'],
  ['case … when … then … else … end', ''],
  ['a[n]', 'counts from 1; outside of the array it is a failure'],
  ['x -> …', 'in functions of arrays'],
]

export const REFUSED: readonly (readonly [string, string])[] = [
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
