import { define, failing, type Macro, ofPair } from './overloads.ts'

const BY_ZERO = failing('Division by zero')

/** Scale of a decimal, from the name of its type; constant when the query is bound. */
const scaleOf = (x: string): string =>
  `coalesce(try_cast(regexp_extract(typeof(${x}), ',(\\d+)\\)', 1) as integer), 0)`
/** The unscaled integer of a decimal. */
const unscaled = (x: string): string => `cast(replace(cast(${x} as varchar), '.', '') as hugeint)`
const SCALE = `greatest(${scaleOf('a')}, ${scaleOf('b')})`
const shifted = (digits: string): string => `cast(pow(10::double, ${digits}) as hugeint)`
const NUMERATOR = `(${unscaled('a')} * ${shifted(`${SCALE} + ${scaleOf('b')} - ${scaleOf('a')}`)})`

/**
 * Decimal division with the larger scale of both arguments; halves round away from zero. DuckDB would divide as
 * doubles. The macro uses integers: (2 × numerator + denominator) / (2 × denominator), truncated.
 */
const DECIMAL_DIVISION = `case when b = 0 then ${BY_ZERO} else round(cast(
  cast((2 * abs(${NUMERATOR}) + abs(${unscaled('b')})) // (2 * abs(${unscaled('b')})) * (sign(a) * sign(b))::hugeint * ${shifted(`18 - ${SCALE}`)} as decimal(38, 0)) * 0.000000000000000001 as decimal(38, 18)), ${SCALE}) end`

/** Integers need no rounding. */
const rounding = (name: string, body: string): Macro =>
  define(name, '(x BIGINT) as x', ...['DOUBLE', 'FLOAT', 'DECIMAL'].map(type => `(x ${type}) as ${body}`))

const ofDouble = (name: string, body = `${name}(x)`): Macro => define(name, `(x DOUBLE) as ${body}`)
const ofDoubles = (name: string, body: string): Macro => define(name, `(a DOUBLE, b DOUBLE) as ${body}`)

const ARITHMETIC: readonly Macro[] = [
  define(
    'divide',
    `(a BIGINT, b BIGINT) as case when b = 0 then ${BY_ZERO} else a // b end`,
    '(a DOUBLE, b DOUBLE) as (cast(a as double) / cast(b as double))',
    '(a FLOAT, b FLOAT) as cast(a / b as float)',
    `(a DECIMAL, b DECIMAL) as ${DECIMAL_DIVISION}`,
  ),
  define(
    'mod',
    `(a BIGINT, b BIGINT) as case when b = 0 then ${BY_ZERO} else a % b end`,
    "(a DOUBLE, b DOUBLE) as case when b = 0 and a is not null then 'nan'::double else a % b end",
    `(a DECIMAL, b DECIMAL) as case when b = 0 then ${BY_ZERO} else a % b end`,
  ),
  define(
    'times',
    '(a INTERVAL, b BIGINT) as (a * b)',
    '(a BIGINT, b INTERVAL) as (b * a)',
    '(a, b) as (a * b)',
  ),
]

const ROUNDING: readonly Macro[] = [
  define('abs', ...['BIGINT', 'DOUBLE', 'FLOAT', 'DECIMAL'].map(type => `(x ${type}) as abs(x)`)),
  rounding('ceil', 'ceil(x)'),
  rounding('ceiling', 'ceil(x)'),
  rounding('floor', 'floor(x)'),
  define(
    'round',
    '(x BIGINT) as x',
    '(x DOUBLE) as round(x)',
    '(x DECIMAL) as round(x)',
    '(x DOUBLE, d BIGINT) as case when isfinite(x) then round(x, d) else x end',
    '(x DECIMAL, d BIGINT) as round(x, d)',
  ),
  define(
    'sign',
    '(x BIGINT) as cast(sign(x) as bigint)',
    '(x DOUBLE) as case when isnan(x) then x else cast(sign(x) as double) end',
  ),
  ofDouble('truncate', 'trunc(x)'),
]

const NAN = "'nan'::double"

const FUNCTIONS: readonly Macro[] = [
  ofDouble('sqrt', `case when x < 0 then ${NAN} else sqrt(x) end`),
  ofDoubles('power', `case when abs(a) = 1 and not isfinite(b) then ${NAN} else pow(a, b) end`),
  ofDoubles('pow', `case when abs(a) = 1 and not isfinite(b) then ${NAN} else pow(a, b) end`),
  ofDouble('exp'),
  ...['ln', 'log2', 'log10'].map(name =>
    ofDouble(name, `case when x < 0 then ${NAN} when x = 0 then '-infinity'::double else ${name}(x) end`),
  ),
  ofDoubles(
    'log',
    `case when a > 0 and b > 0 then ln(b) / ln(a) when a is not null and b is not null then ${failing('log(): numbers above zero')} end`,
  ),
  ...['cbrt', 'sin', 'cos', 'tan', 'atan', 'radians', 'degrees'].map(name => ofDouble(name)),
  ...['asin', 'acos'].map(name =>
    ofDouble(name, `case when abs(x) <= 1 then ${name}(x) when x is not null then ${NAN} end`),
  ),
  ofDoubles('atan2', 'atan2(a, b)'),
  define('pi', '() as pi()'),
  define('nan', `() as ${NAN}`),
  define('infinity', "() as 'infinity'::double"),
  ofDouble('is_nan', 'isnan(x)'),
  ofDouble('is_finite', 'isfinite(x)'),
  ofDouble('is_infinite', 'isinf(x)'),
  define(
    'width_bucket',
    `(x DOUBLE, low DOUBLE, high DOUBLE, n BIGINT) as case
      when x is null or low is null or high is null or n is null then null
      when n <= 0 or isnan(x) or not isfinite(low) or not isfinite(high) or low >= high then ${failing('width_bucket(): finite bounds, the lower one first, a count above 0, a value that is a number')}
      when x < low then 0 when x >= high then n + 1 else cast(floor(n * (x - low) / (high - low)) as bigint) + 1 end`,
  ),
  define('bitwise_and', '(a BIGINT, b BIGINT) as (a & b)'),
  define('bitwise_or', '(a BIGINT, b BIGINT) as (a | b)'),
  define('bitwise_xor', '(a BIGINT, b BIGINT) as xor(a, b)'),
  define('bitwise_not', '(x BIGINT) as (~x)'),
]

const extreme = (name: 'greatest' | 'least'): Macro =>
  define(
    name,
    ...ofPair(
      `case when a is not null and b is not null then ${name}(a, b) end`,
      // If one argument is NaN, the result is the other.
      `case when a is null or b is null then null when isnan(a) then b when isnan(b) then a else ${name}(a, b) end`,
    ),
  )

export const NUMBERS: readonly Macro[] = [
  ...ARITHMETIC,
  ...ROUNDING,
  ...FUNCTIONS,
  extreme('greatest'),
  extreme('least'),
  define(
    'nullif',
    ...ofPair(
      'case when a = b then null else a end',
      'case when a = b and not isnan(a) then null else a end',
    ),
  ),
]
