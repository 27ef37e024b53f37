/** Replacements of functions that only one engine has, or that differ between engines. */
import { nearestName } from '../text/nearest-name.ts'
import { FUNCTIONS } from './functions/index.ts'

const HINTS: Readonly<Record<string, string>> = {
  any_value: 'min(…) or max_by(…, …)',
  approx_distinct: 'count(distinct …)',
  approx_count_distinct: 'count(distinct …)',
  approx_percentile: 'an aggregate of the list; quantiles differ between engines',
  arbitrary: 'min(…) or max_by(…, …)',
  arg_max: 'max_by(…, …)',
  arg_min: 'min_by(…, …)',
  array_length: 'cardinality(…)',
  at_timezone: 'instants without a zone, which are UTC',
  bool: 'cast(… as boolean)',
  char_length: 'length(…)',
  date_part: 'extract(… from …)',
  date_sub: "date_diff('day', …, …), or … - interval '1' day",
  datediff: "date_diff('day', …, …)",
  datepart: 'extract(… from …)',
  datesub: "date_diff('day', …, …)",
  datetrunc: "date_trunc('day', …)",
  dayofweek: 'day_of_week(…)',
  dayofyear: 'day_of_year(…)',
  epoch: 'to_unixtime(…)',
  first: 'min_by(…, …)',
  format_datetime: "date_format(…, '%Y-%m-%d')",
  from_iso8601_timestamp: 'cast(… as timestamp(6)); declare a column of texts with zones as timestamp',
  from_unixtime: "timestamp '1970-01-01 00:00:00' + … * interval '1' second",
  to_timestamp: "timestamp '1970-01-01 00:00:00' + … * interval '1' second",
  group_concat: "array_join(array_agg(a order by b), ',')",
  ifnull: 'coalesce(…, …)',
  isnan: 'is_nan(…)',
  isodow: 'day_of_week(…)',
  last: 'max_by(…, …)',
  len: 'length(…) of a text, cardinality(…) of an array',
  list: 'array_agg(… order by …)',
  list_contains: 'contains(…, …)',
  list_filter: 'filter(…, x -> …)',
  list_transform: 'transform(…, x -> …)',
  make_date: "cast(… as date) of 'YYYY-MM-DD'",
  max_n: 'an array_agg(… order by …) and slice(…, 1, n)',
  now: 'localtimestamp, which is UTC',
  nvl: 'coalesce(…, …)',
  rand: 'a column: what is by chance differs from run to run',
  random: 'a column: what is by chance differs from run to run',
  range: 'sequence(…, …)',
  generate_series: 'sequence(…, …)',
  regexp_matches: 'regexp_like(…, …)',
  str_split: 'split(…, …)',
  string_agg: "array_join(array_agg(a order by b), ',')",
  string_split: 'split(…, …)',
  strlen: 'length(…)',
  strftime: "date_format(…, '%Y-%m-%d')",
  strptime: "date_parse(…, '%Y-%m-%d')",
  to_char: "date_format(…, '%Y-%m-%d')",
  try: 'try_cast, or a case of the values that fail',
  trunc: 'truncate(…)',
  typeof: 'a cast to the type that is meant',
  unix_timestamp: 'to_unixtime(…)',
  uuid: 'a column: what is by chance differs from run to run',
  weekday: 'day_of_week(…)',
  xor: 'bitwise_xor(…, …), or <> between booleans',
}

/** The portable replacement, or the nearest name of an allowed function. */
export function insteadOf(name: string): string {
  const hint = HINTS[name] ?? (/^list_/.test(name) ? 'one of the functions of arrays' : undefined)
  if (hint !== undefined) return hint
  const near = nearestName(name, [...FUNCTIONS.keys()])
  return near === undefined ? 'one of the functions of docs/reference/sql.md' : `${near}(…)`
}
