import { define, failing, type Macro, ofInstant } from './overloads.ts'

const refused = (type: string): string => `error(concat('Cannot cast ''', x, ''' to ${type}'))`
const trimmed = "trim(x, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))"
const whenText = (pattern: string, value: string, type: string): string =>
  `case when regexp_full_match(${trimmed}, '${pattern}') then ${value} when x is not null then ${refused(type)} end`

const whole = (type: 'tinyint' | 'smallint' | 'integer' | 'bigint'): Macro =>
  define(
    `to_${type}`,
    `(t VARCHAR, x) as ${whenText('[+-]?[0-9]+', `cast(${trimmed} as ${type})`, type)}`,
    `(t BIGINT, x) as cast(x as ${type})`,
    `(t BOOLEAN, x) as cast(x as ${type})`,
    `(t DOUBLE, x) as cast(round(x) as ${type})`,
    `(t FLOAT, x) as cast(round(x) as ${type})`,
    `(t DECIMAL, x) as cast(x as ${type})`,
  )

const NUMBER = '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?'

const DATE = '[0-9]{4}-[0-9]{2}-[0-9]{2}'
const TIME = `${DATE}( [0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?)?`

/** Milliseconds, halves up. */
const rounded = (x: string): string => `date_trunc('millisecond', ${x} + to_microseconds(500))`

const instant = (name: string, body: (x: string) => string): Macro =>
  define(
    name,
    `(x VARCHAR) as ${whenText(TIME, body(`cast(${trimmed} as timestamp)`), 'timestamp')}`,
    '(x DATE) as cast(x as timestamp)',
    ...ofInstant(body),
  )

/** Digits and a power of ten, as Athena writes a double: 2.5E0. Those of DuckDB are the same, in another form. */
const DIGITS = "regexp_extract(format('{:e}', abs(x)), '^[0-9]', 0)"
const doubleText = `case
  when isnan(x) then 'NaN' when isinf(x) then case when x > 0 then 'Infinity' else '-Infinity' end
  when x = 0 then case when cast(x as varchar)[1] = '-' then '-0.0E0' else '0.0E0' end
  else ${DIGITS} end`

export const CASTS: readonly Macro[] = [
  ...(['tinyint', 'smallint', 'integer', 'bigint'] as const).map(whole),
  define(
    'to_double',
    `(t VARCHAR, x) as ${whenText(`${NUMBER}|NaN|[+-]?Infinity`, `cast(${trimmed} as double)`, 'double')}`,
    ...['BIGINT', 'BOOLEAN', 'DOUBLE', 'FLOAT', 'DECIMAL'].map(type => `(t ${type}, x) as cast(x as double)`),
  ),
  define(
    'to_decimal',
    `(t VARCHAR, x, s) as ${whenText(NUMBER, `cast(${trimmed} as decimal(38, 18))`, 'decimal')}`,
    ...['BIGINT', 'BOOLEAN', 'DECIMAL', 'DOUBLE'].map(type => `(t ${type}, x, s) as x`),
  ),
  define(
    'to_boolean',
    `(t VARCHAR, x) as case when lower(x) in ('t', 'true', '1') then true when lower(x) in ('f', 'false', '0') then false when x is not null then ${refused('boolean')} end`,
    ...['BIGINT', 'BOOLEAN', 'DECIMAL', 'DOUBLE'].map(type => `(t ${type}, x) as ${type === 'BOOLEAN' ? 'x' : '(x <> 0)'}`),
  ),
  define(
    'to_varchar',
    '(t VARCHAR, x) as x',
    ...['BIGINT', 'BOOLEAN', 'DECIMAL', 'DATE'].map(type => `(t ${type}, x) as cast(x as varchar)`),
    `(t DOUBLE, x) as ${doubleText}`,
    `(t FLOAT, x) as ${failing('a real as varchar: cast it to double before')}`,
    ...['TIMESTAMP', 'TIMESTAMPTZ'].map(type => `(t ${type}, x) as ${failing("an instant as varchar: date_format(…, '%Y-%m-%d %H:%i:%s')")}`),
  ),
  define(
    'to_date',
    `(t VARCHAR, x) as ${whenText(DATE, `cast(${trimmed} as date)`, 'date')}`,
    ...['DATE', 'TIMESTAMP', 'TIMESTAMPTZ'].map(type => `(t ${type}, x) as cast(x as date)`),
  ),
  instant('to_timestamp_3', rounded),
  instant('to_timestamp_6', x => x),
]
