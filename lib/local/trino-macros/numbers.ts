import { define, failing, type Macro, ofPair } from './overloads.ts'

const BY_ZERO = failing('Division by zero')

/** The digits behind a decimal's point, from the name of its type: known when the query is bound. */
const scaleOf = (x: string): string => `coalesce(try_cast(regexp_extract(typeof(${x}), ',(\\d+)\\)', 1) as integer), 0)`
/** A decimal without its point. */
const unscaled = (x: string): string => `cast(replace(cast(${x} as varchar), '.', '') as hugeint)`
const SCALE = `greatest(${scaleOf('a')}, ${scaleOf('b')})`
const shifted = (digits: string): string => `cast(pow(10::double, ${digits}) as hugeint)`
const NUMERATOR = `(${unscaled('a')} * ${shifted(`${SCALE} + ${scaleOf('b')} - ${scaleOf('a')}`)})`

/**
 * As many digits as the argument that has more, halves away from zero; DuckDB would divide as doubles. It is done on
 * whole numbers: twice the numerator plus the denominator, over twice the denominator, cut off.
 */
const DECIMAL_DIVISION = `case when b = 0 then ${BY_ZERO} else round(cast(
  cast((2 * abs(${NUMERATOR}) + abs(${unscaled('b')})) // (2 * abs(${unscaled('b')})) * (sign(a) * sign(b))::hugeint * ${shifted(`18 - ${SCALE}`)} as decimal(38, 0)) * 0.000000000000000001 as decimal(38, 18)), ${SCALE}) end`

const ofNumber = (name: string, body: (x: string) => string): Macro =>
  define(name, ...['BIGINT', 'DOUBLE', 'FLOAT', 'DECIMAL'].map(type => `(t ${type}, x) as ${body('x')}`))

const ofDouble = (name: string, body = `${name}(x)`): Macro => define(name, `(x DOUBLE) as ${body}`)
const ofDoubles = (name: string, body: string): Macro => define(name, `(a DOUBLE, b DOUBLE) as ${body}`)

const ARITHMETIC: readonly Macro[] = [
  define(
    'divide',
    `(ta BIGINT, tb BIGINT, a, b) as case when b = 0 then ${BY_ZERO} else a // b end`,
    '(ta DOUBLE, tb DOUBLE, a, b) as (cast(a as double) / cast(b as double))',
    '(ta FLOAT, tb FLOAT, a, b) as cast(a / b as float)',
    `(ta DECIMAL, tb DECIMAL, a, b) as ${DECIMAL_DIVISION}`,
  ),
  define(
    'mod',
    `(ta BIGINT, tb BIGINT, a, b) as case when b = 0 then ${BY_ZERO} else a % b end`,
    "(ta DOUBLE, tb DOUBLE, a, b) as case when b = 0 and a is not null then 'nan'::double else a % b end",
    `(ta DECIMAL, tb DECIMAL, a, b) as case when b = 0 then ${BY_ZERO} else a % b end`,
  ),
  define('times', '(a INTERVAL, b BIGINT) as (a * b)', '(a BIGINT, b INTERVAL) as (b * a)', '(a, b) as (a * b)'),
]

const ROUNDING: readonly Macro[] = [
  ofNumber('abs', x => `abs(${x})`),
  ofNumber('ceil', x => `ceil(${x})`),
  ofNumber('ceiling', x => `ceil(${x})`),
  ofNumber('floor', x => `floor(${x})`),
  define(
    'round',
    '(t BIGINT, x) as x',
    '(t DOUBLE, x) as round(x)',
    '(t DECIMAL, x) as round(x)',
    '(t DOUBLE, td INTEGER, x, d) as round(x, d)',
    '(t DECIMAL, td INTEGER, x, d) as round(x, d)',
  ),
  define('sign', '(x BIGINT) as cast(sign(x) as bigint)', "(x DOUBLE) as case when isnan(x) then x else cast(sign(x) as double) end"),
  ofDouble('truncate', 'trunc(x)'),
]

const NAN = "'nan'::double"

const FUNCTIONS: readonly Macro[] = [
  ofDouble('sqrt', `case when x < 0 then ${NAN} else sqrt(x) end`),
  ofDoubles('power', 'pow(a, b)'),
  ofDoubles('pow', 'pow(a, b)'),
  ofDouble('exp'),
  ...['ln', 'log2', 'log10'].map(name =>
    ofDouble(name, `case when x < 0 then ${NAN} when x = 0 then '-infinity'::double else ${name}(x) end`),
  ),
  ofDoubles('log', 'ln(b) / ln(a)'),
  ...['cbrt', 'sin', 'cos', 'tan', 'atan', 'radians', 'degrees'].map(name => ofDouble(name)),
  ...['asin', 'acos'].map(name => ofDouble(name, `case when abs(x) <= 1 then ${name}(x) when x is not null then ${NAN} end`)),
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
      when n <= 0 or isnan(x) or not isfinite(low) or not isfinite(high) or low = high then ${failing('width_bucket(): bounds that are finite and different, a count above 0, a value that is a number')}
      when low < high then case when x < low then 0 when x >= high then n + 1 else cast(floor(n * (x - low) / (high - low)) as bigint) + 1 end
      else case when x > low then 0 when x <= high then n + 1 else cast(floor(n * (low - x) / (low - high)) as bigint) + 1 end end`,
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
      `case when a is null or b is null then null when isnan(a) or isnan(b) then ${NAN} else ${name}(a, b) end`,
    ),
  )

const AGGREGATED: readonly Macro[] = [
  define('averaged', '(t BIGINT, x) as cast(x as double)', '(t DOUBLE, x) as x', `(t FLOAT, x) as ${failing('avg(): cast its argument to double')}`),
  define(
    'summed',
    '(t BIGINT, x) as x',
    '(t DOUBLE, x) as x',
    '(t DECIMAL, x) as x',
    `(t FLOAT, x) as ${failing('sum(): cast its argument to double')}`,
  ),
  define('total', '(t HUGEINT, x) as cast(x as bigint)', '(t DOUBLE, x) as x', '(t DECIMAL, x) as x'),
  define('number', ...ofPair('b', 'case when isnan(b) then null else b end').map(each => each.replace(/ta \w+, /, '').replace('a, b)', 'b)'))),
]

export const NUMBERS: readonly Macro[] = [
  ...ARITHMETIC,
  ...ROUNDING,
  ...FUNCTIONS,
  extreme('greatest'),
  extreme('least'),
  define('nullif', ...ofPair('case when a = b then null else a end', 'case when a = b and not isnan(a) then null else a end')),
  ...AGGREGATED,
]
