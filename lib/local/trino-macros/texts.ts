import { define, failing, type Macro } from './overloads.ts'

/** White space that Athena trims. */
const SPACE = [
  [9, 13],
  [28, 32],
  [0x1680, 0x1680],
  [0x2000, 0x2006],
  [0x2008, 0x200a],
  [0x2028, 0x2029],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
]
  .flatMap(([first = 0, last = 0]) => Array.from({ length: last - first + 1 }, (_, i) => `chr(${first + i})`))
  .join(' || ')

const trimmed = (name: 'trim' | 'ltrim' | 'rtrim'): Macro =>
  define(name, `(s VARCHAR) as ${name}(s, ${SPACE})`, `(s VARCHAR, letters VARCHAR) as ${name}(s, letters)`)

const padded = (name: 'lpad' | 'rpad'): Macro =>
  define(
    name,
    `(s VARCHAR, n BIGINT, p VARCHAR) as case when n < 0 or p = '' then ${failing(`${name}(): a length from 0 and a text to pad with`)} else ${name}(s, cast(n as integer), p) end`,
  )

const FROM_END = 'length(s) + a + 1'

const part = (length: string): string =>
  `case when a = 0 or abs(a) > length(s) then case when s is not null${length === '' ? '' : ' and n is not null'} then '' end
    when a < 0 then substring(s, ${FROM_END}${length}) else substring(s, a${length}) end`

const substring = (name: string): Macro =>
  define(
    name,
    `(s VARCHAR, a BIGINT) as ${part('')}`,
    `(s VARCHAR, a BIGINT, n BIGINT) as ${part(', greatest(n, 0)')}`,
  )

/** In Athena's library, `$` also matches before a final line break. */
const guarded = (body: string): string =>
  `case when ends_with(s, chr(10)) and contains(p, '$') then ${failing('a regular expression with $ over a text that ends in a line break')} else ${body} end`

/** Letters of newer Unicode versions that only one of the engines knows. */
const UNALIKE = {
  upper: '[\\x{19B}\\x{264}\\x{1C8A}\\x{A7CD}\\x{A7DB}\\x{10D70}-\\x{10D85}]',
  lower: '[\\x{1C89}\\x{A7CB}\\x{A7CC}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}]',
} as const

const cased = (name: 'lower' | 'upper', body: string): Macro =>
  define(
    name,
    `(s VARCHAR) as case when regexp_matches(s, '${UNALIKE[name]}') then ${failing(`${name}(): a letter that engines treat differently`)} else ${body} end`,
  )

/** DuckDB converts ß to upper case and Athena does not. A private-use character replaces ß during the conversion. */
const UPPER = `case when contains(s, 'ß') and not contains(s, chr(57344)) then replace(upper(replace(s, 'ß', chr(57344))), chr(57344), 'ß') else upper(s) end`

const ASCII = "regexp_full_match(s, '[\\x00-\\x7F]*')"

export const TEXTS: readonly Macro[] = [
  define(
    'concat',
    // Without the cast, a constant null would give an integer.
    '(a VARCHAR, b VARCHAR) as cast(a || b as varchar)',
    '(a BLOB, b BLOB) as (a || b)',
    '(a, b) as case when a is not null and b is not null then list_concat(a, b) end',
  ),
  define('length', '(s VARCHAR) as length(s)'),
  cased('lower', 'lower(s)'),
  cased('upper', UPPER),
  substring('substr'),
  substring('substring'),
  define('strpos', '(s VARCHAR, b VARCHAR) as strpos(s, b)'),
  define(
    'replace',
    `(s VARCHAR, b VARCHAR) as case when b = '' then ${failing('replace(): a text to seek that is not empty')} else replace(s, b, '') end`,
    `(s VARCHAR, b VARCHAR, c VARCHAR) as case when b = '' then ${failing('replace(): a text to seek that is not empty')} else replace(s, b, c) end`,
  ),
  trimmed('trim'),
  trimmed('ltrim'),
  trimmed('rtrim'),
  padded('lpad'),
  padded('rpad'),
  define(
    'reverse',
    `(s VARCHAR) as case when ${ASCII} then reverse(s) else list_aggregate(list_reverse(regexp_extract_all(s, '(?s).')), 'string_agg', '') end`,
  ),
  define(
    'split',
    `(s VARCHAR, d VARCHAR) as case when d = '' then ${failing('split(): a delimiter that is not empty')} when d is not null then string_split(s, d) end`,
  ),
  define(
    'split_part',
    `(s VARCHAR, d VARCHAR, n BIGINT) as case when d = '' or n < 1 then ${failing('split_part(): a delimiter that is not empty, parts from 1')} when d is not null then string_split(s, d)[n] end`,
  ),
  define('starts_with', '(s VARCHAR, b VARCHAR) as starts_with(s, b)'),
  define('translate', '(s VARCHAR, a VARCHAR, b VARCHAR) as translate(s, a, b)'),
  define('chr', '(n BIGINT) as chr(cast(n as integer))'),
  define('regexp_like', `(s VARCHAR, p VARCHAR) as ${guarded('regexp_matches(s, p)')}`),
  // DuckDB needs the group number as a literal.
  ...Array.from({ length: 10 }, (_, group) =>
    define(
      `regexp_extract_${group}`,
      `(s VARCHAR, p VARCHAR) as ${guarded(`case when regexp_matches(s, p) then regexp_extract(s, p, ${group}) end`)}`,
    ),
  ),
  define('regexp_extract_all', `(s VARCHAR, p VARCHAR) as ${guarded('regexp_extract_all(s, p)')}`),
  define('regexp_replace', `(s VARCHAR, p VARCHAR, r VARCHAR) as ${guarded("regexp_replace(s, p, r, 'g')")}`),
  define('to_utf8', '(s VARCHAR) as encode(s)'),
  define('md5', '(b BLOB) as unhex(md5(b))'),
  define('sha256', '(b BLOB) as unhex(sha256(b))'),
  define('to_hex', '(b BLOB) as hex(b)'),
]
