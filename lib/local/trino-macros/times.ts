import { define, failing, type Macro, ofInstant, toMilliseconds } from './overloads.ts'

const field = (name: string, part = name): Macro =>
  define(name, `(x DATE) as ${part}(x)`, ...ofInstant(x => `${part}(${x})`))

const clock = (name: string, body: (x: string) => string = x => `${name}(${x})`): Macro =>
  define(name, ...ofInstant(body))

const CLOCK_PART = 'hours, minutes and seconds belong to a timestamp: cast the date to timestamp'
const dayOnly = (sum: string): string =>
  `case when ${sum} <> date_trunc('day', ${sum}) then ${failing(CLOCK_PART)} else cast(${sum} as date) end`

/** A date plus months or days stays a date. */
const moved = (name: 'plus' | 'minus', op: '+' | '-'): Macro =>
  define(
    name,
    `(a DATE, b INTERVAL) as ${dayOnly(`(a ${op} b)`)}`,
    `(a TIMESTAMP, b INTERVAL) as (a ${op} b)`,
    `(a TIMESTAMPTZ, b INTERVAL) as (cast(a as timestamp) ${op} b)`,
    ...(op === '+'
      ? [
          `(a INTERVAL, b DATE) as ${dayOnly('(b + a)')}`,
          '(a INTERVAL, b TIMESTAMP) as (b + a)',
          '(a INTERVAL, b TIMESTAMPTZ) as (cast(b as timestamp) + a)',
        ]
      : [`(a DATE, b DATE) as ${failing("a date less a date: date_diff('day', from, to)")}`]),
    `(a DATE, b BIGINT) as ${failing("a date and a number: date_add('day', n, date)")}`,
    `(a BIGINT, b DATE) as ${failing("a date and a number: date_add('day', n, date)")}`,
    `(a, b) as (a ${op} b)`,
  )

const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const

/** The interval of `n` units. */
const LENGTHS: Readonly<Record<(typeof UNITS)[number], string>> = {
  second: 'to_seconds(n)',
  minute: 'to_minutes(n)',
  hour: 'to_hours(n)',
  day: 'to_days(cast(n as integer))',
  week: 'to_days(cast(7 * n as integer))',
  month: 'to_months(cast(n as integer))',
  quarter: 'to_months(cast(3 * n as integer))',
  year: 'to_years(cast(n as integer))',
}
const INTERVAL = `case u ${UNITS.map(unit => `when '${unit}' then ${LENGTHS[unit]}`).join(' ')} end`

/** A date has no hours, minutes or seconds. */
const ofDays = (body: string): string =>
  `case when u in ('second', 'minute', 'hour') then ${failing(CLOCK_PART)} else ${body} end`

const asInstant = (type: string, x: string): string =>
  type === 'TIMESTAMPTZ' ? `cast(${x} as timestamp)` : x

/** Athena computes differences in milliseconds. */
const cut = (x: string): string => `date_trunc('millisecond', ${x})`

const difference = (a: string, b: string): string =>
  `(u VARCHAR, a ${a}, b ${b}) as date_sub(u, ${cut(asInstant(a, 'a'))}, ${cut(asInstant(b, 'b'))})`

const INSTANTS = ['TIMESTAMP', 'TIMESTAMPTZ'] as const

/** Adds milliseconds and remaining microseconds separately, as Athena does. */
const unixTime = (x: string): string =>
  `(floor(epoch_us(${x}) / 1000) / 1000 + (((epoch_us(${x}) % 1000) + 1000) % 1000) / 1000000)`

/** Accepts one form of text only. */
const dayOfText = (name: string): string =>
  `(x VARCHAR) as case when regexp_full_match(x, '[0-9]{4}-[0-9]{2}-[0-9]{2}') then cast(x as date) when x is not null then ${failing(`${name}(): YYYY-MM-DD`)} end`

export const TIMES: readonly Macro[] = [
  moved('plus', '+'),
  moved('minus', '-'),
  ...['year', 'quarter', 'month', 'week', 'day'].map(name => field(name)),
  field('day_of_month', 'day'),
  field('day_of_week', 'isodow'),
  field('dow', 'isodow'),
  field('day_of_year', 'dayofyear'),
  field('doy', 'dayofyear'),
  field('year_of_week', 'isoyear'),
  field('yow', 'isoyear'),
  clock('hour'),
  clock('minute'),
  clock('second'),
  clock('millisecond', x => `(millisecond(${x}) % 1000)`),
  define(
    'date_trunc',
    `(u VARCHAR, x DATE) as ${ofDays('cast(date_trunc(u, x) as date)')}`,
    ...ofInstant(x => `date_trunc(u, ${x})`, 'u VARCHAR, '),
  ),
  define(
    'date_diff',
    `(u VARCHAR, a DATE, b DATE) as ${ofDays('date_sub(u, a, b)')}`,
    ...INSTANTS.flatMap(a => INSTANTS.map(b => difference(a, b))),
  ),
  define(
    'date_add',
    `(u VARCHAR, n BIGINT, x DATE) as ${ofDays(`cast(x + ${INTERVAL} as date)`)}`,
    ...ofInstant(x => `(${x} + ${INTERVAL})`, 'u VARCHAR, n BIGINT, '),
  ),
  define('last_day_of_month', '(x DATE) as last_day(x)', ...ofInstant(x => `last_day(${x})`)),
  define('to_unixtime', ...ofInstant(unixTime)),
  define('instant', ...ofInstant(toMilliseconds), '(x DATE) as cast(x as timestamp)'),
  define(
    'digits',
    `(s VARCHAR, p VARCHAR) as case when regexp_full_match(s, p) then s when s is not null then ${failing('date_parse(): a text that is written as its format says')} end`,
  ),
  define('from_iso8601_date', dayOfText('from_iso8601_date')),
]
