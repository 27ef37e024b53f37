import { define, failing, type Macro, ofInstant, toMilliseconds } from './overloads.ts'

/** The two kinds of cast: CAST fails, TRY_CAST returns null. */
interface How {
  readonly prefix: 'to' | 'try'
  /** DuckDB's function for it. */
  readonly cast: 'cast' | 'try_cast'
  /** SQL for a text that has no form of the type. */
  readonly refused: (type: string) => string
}

const CAST: How = {
  prefix: 'to',
  cast: 'cast',
  refused: type => failing(`a text that cannot be cast to ${type}`),
}
const TRY: How = { prefix: 'try', cast: 'try_cast', refused: () => 'null' }

const TRIMMED = "trim(x, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))"

/**
 * Athena accepts more forms of a text than are defined here. A text that Athena may accept is refused with an error,
 * even in TRY_CAST.
 * @param alike pattern of texts that Athena may accept in addition to `form`
 */
function whenText(how: How, { form, alike = form, value, type }: TextForm): string {
  const other = `when regexp_full_match(x, '(?s)\\s*(${alike})\\s*') then ${CAST.refused(type)}`
  return `case when regexp_full_match(x, '${form}') then ${value} ${other} when x is not null then ${how.refused(type)} end`
}

interface TextForm {
  readonly form: string
  readonly alike?: string
  readonly value: string
  readonly type: string
}

/** Allows white space around a number. */
const padded = (form: string): string => `[\\x01-\\x20]*(${form})[\\x01-\\x20]*`

const NUMBERS = ['BIGINT', 'DECIMAL', 'DOUBLE', 'FLOAT'] as const

const whole = (how: How, type: string): Macro =>
  define(
    `${how.prefix}_${type}`,
    `(x VARCHAR) as ${whenText(how, { form: padded('[+-]?[0-9]+'), alike: '[+-]?\\p{Nd}+', value: `${how.cast}(${TRIMMED} as ${type})`, type })}`,
    `(x BIGINT) as ${how.cast}(x as ${type})`,
    `(x BOOLEAN) as cast(x as ${type})`,
    // Halves round away from zero.
    ...['DOUBLE', 'FLOAT', 'DECIMAL'].map(number => `(x ${number}) as ${how.cast}(round(x) as ${type})`),
  )

const NUMBER = '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?'

const double = (how: How): Macro =>
  define(
    `${how.prefix}_double`,
    `(x VARCHAR) as ${whenText(how, { form: padded(`${NUMBER}|NaN|[+-]?Infinity`), alike: '[+-]?(0[xX].*|[0-9.]+([eE][+-]?[0-9]+)?[fFdD]?|NaN|Infinity)', value: `${how.cast}(${TRIMMED} as double)`, type: 'double' })}`,
    ...[...NUMBERS, 'BOOLEAN'].map(type => `(x ${type}) as cast(x as double)`),
  )

/** The enclosing cast reduces the scale. */
const decimal = (how: How): Macro =>
  define(
    `${how.prefix}_decimal`,
    `(x VARCHAR) as ${whenText(how, { form: NUMBER, alike: NUMBER.replaceAll('[0-9]', '\\p{Nd}'), value: `${how.cast}(x as decimal(38, 18))`, type: 'decimal' })}`,
    '(x BIGINT) as x',
    '(x DECIMAL) as x',
    // Converts by decimal digits, as Athena does: 1.005 is then exactly halfway between 1.00 and 1.01.
    `(x DOUBLE) as ${how.cast}(cast(x as varchar) as decimal(38, 18))`,
    `(x FLOAT) as ${failing('a real as decimal: cast it to double before')}`,
  )

const boolean = (how: How): Macro =>
  define(
    `${how.prefix}_boolean`,
    `(x VARCHAR) as case when lower(x) in ('t', 'true', '1') then true when lower(x) in ('f', 'false', '0') then false when x is not null then ${how.refused('boolean')} end`,
    '(x BOOLEAN) as x',
    ...NUMBERS.map(type => `(x ${type}) as (x <> 0)`),
  )

const WRITTEN = 'cast(abs(x) as varchar)'
const MANTISSA = `regexp_extract(${WRITTEN}, '^[0-9.]+')`
const FIGURES = `replace(${MANTISSA}, '.', '')`
const POINT = `case when contains(${MANTISSA}, '.') then strpos(${MANTISSA}, '.') - 1 else length(${MANTISSA}) end`
const POWER = `coalesce(try_cast(regexp_extract(${WRITTEN}, 'e(.*)$', 1) as integer), 0)`
const SHORT = `trim(${FIGURES}, '0')`
const EXPONENT = `(${POINT}) - (length(${FIGURES}) - length(ltrim(${FIGURES}, '0'))) - 1 + ${POWER}`

/** For these values, Java's digits are not always the shortest. */
const HARD = `(abs(x) < 1e-300 or (abs(x) >= 9007199254740992 and length(${SHORT}) > 15))`

/** A double in Athena's format, 2.5E0, with the fewest digits that identify it. */
const DOUBLE_TEXT = `case
  when isnan(x) then 'NaN'
  when isinf(x) then case when x > 0 then 'Infinity' else '-Infinity' end
  when x = 0 then case when starts_with(cast(x as varchar), '-') then '-0E0' else '0E0' end
  when ${HARD} then ${failing('a double of so many digits as varchar: round it, or cast it to decimal')}
  else case when x < 0 then '-' else '' end || substring(${SHORT}, 1, 1) || '.' || case when length(${SHORT}) > 1 then substring(${SHORT}, 2) else '0' end || 'E' || cast(${EXPONENT} as varchar) end`

const varchar = ({ prefix }: How): Macro =>
  define(
    `${prefix}_varchar`,
    '(x VARCHAR) as x',
    ...['BIGINT', 'BOOLEAN', 'DECIMAL', 'DATE'].map(type => `(x ${type}) as cast(x as varchar)`),
    `(x DOUBLE) as ${DOUBLE_TEXT}`,
    `(x FLOAT) as ${failing('a real as varchar: cast it to double before')}`,
    ...['TIMESTAMP', 'TIMESTAMPTZ'].map(
      type => `(x ${type}) as ${failing("an instant as varchar: date_format(…, '%Y-%m-%d %H:%i:%s')")}`,
    ),
  )

const DATE = '[0-9]{4}-[0-9]{2}-[0-9]{2}'
const TIME = `${DATE}( ([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?)?`
/** Matches dates with fewer digits, longer years, finer fractions or zones. */
const LIKE_DATE = '[+-]?[0-9]+-[0-9]+-[0-9]+.*'

const date = (how: How): Macro =>
  define(
    `${how.prefix}_date`,
    `(x VARCHAR) as ${whenText(how, { form: padded(DATE), alike: LIKE_DATE, value: `${how.cast}(${TRIMMED} as date)`, type: 'date' })}`,
    ...['DATE', 'TIMESTAMP', 'TIMESTAMPTZ'].map(type => `(x ${type}) as cast(x as date)`),
  )

const timestamp = (how: How, digits: 3 | 6, body: (x: string) => string): Macro =>
  define(
    `${how.prefix}_timestamp_${digits}`,
    `(x VARCHAR) as ${whenText(how, { form: TIME, alike: LIKE_DATE, value: body(`${how.cast}(x as timestamp)`), type: 'timestamp' })}`,
    '(x DATE) as cast(x as timestamp)',
    ...ofInstant(body),
  )

export const CASTS: readonly Macro[] = [CAST, TRY].flatMap(how => [
  ...['tinyint', 'smallint', 'integer', 'bigint'].map(type => whole(how, type)),
  double(how),
  decimal(how),
  boolean(how),
  varchar(how),
  date(how),
  timestamp(how, 3, toMilliseconds),
  timestamp(how, 6, x => x),
])
