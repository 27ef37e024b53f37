/** Expressions as engineers write them, each with a difficulty: precedence, nulls, edge values, non-ASCII letters. */
const lines = (text: string): readonly string[] =>
  text
    .trim()
    .split('\n')
    .map(line => line.trim())

export const WRITTEN_EXPRESSIONS: Readonly<Record<string, readonly string[]>> = {
  texts: lines(String.raw`
    concat(k, s, source.k)
    upper('ǆ')
    upper('ﬁ')
    lower('İ')
    lower('Σ')
    lower('ΑΣ')
    upper('ŉ')
    upper('ΐ')
    lower('ẞ')
    upper('i̇')
    length('👨‍👩‍👧')
    length('e' || chr(769))
    reverse('e' || chr(769))
    reverse('👨‍👩‍👧')
    substr('😀ab', 2, 1)
    substr('😀ab', 1, 1)
    substr('abc', 2, -1)
    substr('abc', -2, 1)
    substr('abc', 9223372036854775807)
    substr('abc', 1, 9223372036854775807)
    strpos('aé😀b', 'b')
    strpos('abc', '')
    strpos('', '')
    position('' in 'abc')
    lpad('é', 3, '😀')
    lpad('abc', 0, 'x')
    rpad('abc', 6, 'xy')
    rpad('é', 3, 'e' || chr(769))
    trim(chr(9) || 'a' || chr(10))
    trim(chr(160) || 'a' || chr(160))
    trim(chr(8199) || 'a')
    trim(chr(8203) || 'a')
    trim(chr(0) || 'a')
    trim('xyaxy', 'xy')
    trim('é😀aé', 'é😀')
    ltrim('  a  ', '')
    replace('aaa', 'aa', 'b')
    replace('ABC', 'b', 'x')
    split_part('a,b', ',', 2)
    split_part('', ',', 1)
    split_part('a,b', ',', 3)
    starts_with('abc', '')
    translate('abcabc', 'ab', 'x')
    translate('abc', 'aa', 'xy')
    translate('aé😀', 'é😀', 'e:')
    chr(0)
    chr(1114111)
    regexp_like('abc', '^b')
    regexp_like('a' || chr(10) || 'b', 'a.b')
    regexp_like('a' || chr(10) || 'b', '^b')
    regexp_like('a' || chr(10) || 'b', 'a$')
    regexp_like('É', '[a-zA-Z]')
    regexp_like('a^b', '[\^]')
    regexp_like('a/b', 'a/b')
    regexp_like('a{b', 'a\{b')
    regexp_like('aab', 'a{2}b')
    regexp_like('a.b', 'a[.]b')
    regexp_like('K', 'K')
    regexp_replace('abc', '[b]', '$0')
    regexp_replace('abc', '(b)', '[$1]')
    regexp_replace('a.b.c', '[.]', '-')
    regexp_replace('aaa', 'a+?', 'b')
    'a' like 'A'
    'a_b' like 'a\_b'
    'a_b' like 'a\_b' escape '\'
    'axb' like 'a!_b' escape '!'
    'a%b' like 'a!%b' escape '!'
    'a!b' like 'a!!b' escape '!'
    'é' like '_'
    '😀' like '_'
    'e' || chr(769) like '_'
    'a' || chr(10) || 'b' like 'a%b'
    'a' || chr(10) || 'b' like 'a_b'
    '' like '%'
    'a' < 'B'
    'é' < 'f'
    'z' < 'é'
    '😀' > chr(65535)
    'a' = 'a '
    'a' < 'a '
    'e' || chr(769) = 'é'
    greatest('a', 'B', 'é')
    max_by(1, 2)
    to_hex(md5(to_utf8('abc')))
    to_hex(sha256(to_utf8('é')))
    lower(to_hex(md5(to_utf8('abc'))))
    'a' || 'b' = 'ab'
    varchar 'a' || 'b'
  `),
  'numbers, casts and nulls': lines(`
    concat_ws(',', 'a', null, 'b')
    replace('abc', 'b', null)
    'a' || null
    least('a', null)
    0e0 / 0
    5e0 % 0
    5 % -3
    -5.5 % 2.0
    mod(-5, 3)
    -2147483648
    0.1 + 0.2
    0.1e0 + 0.2e0
    cast(1 as decimal(38, 0)) / 3
    cast(1 as decimal(10, 5)) / cast(3 as decimal(10, 2))
    1 / 3.0
    cast(7 as bigint) / 2.0
    1.5 % 1
    round(2.5)
    round(2.5e0)
    round(0.5e0)
    round(2.675, 2)
    round(2.675e0, 2)
    round(1234.5e0, -2)
    round(1250e0, -2)
    round(1e20, 2)
    truncate(-2.7e0)
    ceil(-0.5e0)
    floor(-1.2)
    floor(-0.5e0)
    sign(-3)
    sqrt(-1)
    round(power(2, 0.5), 6)
    round(exp(1), 6)
    round(log(2, 8), 6)
    round(log10(1000), 6)
    greatest(1, 2e0, null)
    greatest(nan(), 1e0)
    nan() = nan()
    nan() > 1e0
    nan() <> nan()
    nan() is distinct from nan()
    0e0 = -0e0
    1 = 1.0
    cast(1 as decimal(10,2)) = 1e0
    9007199254740993 = 9007199254740992e0
    0.1 = 0.1e0
    cast(0.1 as double) = 0.1e0
    cast('1.5' as decimal(10,1))
    cast('1e2' as decimal(10,1))
    cast(1.55 as decimal(10,1))
    try_cast(12345.678 as decimal(4,1))
    cast(2.5 as integer)
    cast(3.5e0 as integer)
    try_cast(1e10 as integer)
    cast(true as integer)
    cast(2 as boolean)
    cast('1' as boolean)
    cast(0e0 as boolean)
    cast(1.50 as varchar)
    cast(-0.5 as varchar)
    cast(1e0 as varchar)
    cast(100000000e0 as varchar)
    cast(0.0001e0 as varchar)
    cast(123456789.125e0 as varchar)
    cast(2e-3 as varchar)
    cast(1e7 as varchar)
    cast(' 1 ' as bigint)
    cast('+1' as bigint)
    cast(' 1.5 ' as double)
    cast('1e400' as double)
    cast(1 as varchar) || 'a'
    null = null
    null is null
    null or true
    not null
    coalesce(null, null)
    nullif(1, 1)
    nullif(null, 1)
    nullif(1, 1.0)
    if(true, 1)
    case null when null then 1 else 2 end
    1 in (1, null)
    2 in (1, null)
    null in (1)
    1 in (null)
    3 between null and 2
    1 between 2 and 1
    bitwise_and(5, 3)
    bitwise_and(5, -1)
    pi()
    1e308 * 10
    1e0 - 1e0 = 0
    1 - -1
    - - 1
    2 * 3 % 4
    10 / 4 * 4
    (1 < 2) = true
    not 1 = 2
    true and 'a' = 'a'
    1 = 1 and 2 = 2 or false
    - (2 % 3)
    -7 / 2
    1 is distinct from null
    1 <> null
    true > false
    true < null
    int '5'
    decimal '1.50' + 1
    decimal '0.50' / 3
    double '1.5'
    smallint '7' / 2
    double '1e400'
    try_cast('１' as boolean)
    concat('a', 'b', null)
    - 2147483648
  `),
  arrays: lines(`
    split('a,b,', ',')
    split('', ',')
    split('a', 'ab')
    split(null, ',')
    array[1,2][1]
    element_at(array[1,2], -1)
    element_at(array[1,2], 3)
    cardinality(array[])
    cardinality(array[null])
    array[1,2] || array[3]
    contains(array[1,null], 2)
    contains(array[1,null], 1)
    contains(array[1], null)
    contains(array[1], 1.0)
    contains(array[nan()], nan())
    array_position(array[1,2,1], 1)
    array_position(array[1,null], null)
    array_remove(array[1,null,2], 1)
    array_max(array[1,null])
    array_max(array[]) is null
    array_max(array[1e0,nan()])
    array_min(array['b','a','É'])
    array_sort(array[3,null,1])
    array_sort(array['b','B','a'])
    array_sort(array[nan(), 1e0, infinity()])
    array_distinct(array[1,1,null,null])
    array_distinct(array[0e0,-0e0])
    array_join(array['a',null,'b'], ',')
    array_join(array['a',null,'b'], ',', '?')
    slice(array[1,2,3], 2, 5)
    slice(array[1,2,3], -2, 1)
    slice(array[1,2,3], 5, 1)
    slice(array[1,2,3], 1, 0)
    sequence(1, 5)
    sequence(5, 1)
    sequence(1, 10, 3)
    flatten(array[array[1], array[2,null], null])
    transform(array[1,2,null], x -> x + 1)
    transform(array['a'], x -> upper(x))
    transform(array[1], x -> 'a')
    transform(array[1], (x) -> x)
    filter(array[1,null,2], x -> x > 1)
    any_match(array[1,null], x -> x = 2)
    all_match(array[], x -> true)
    none_match(array[null], x -> x = 1)
    cast(array[1] as array(varchar))
    cast(array['1'] as array(bigint))
    cast(array[1.5] as array(double))
    cast(array[date '2024-01-01'] as array(varchar))
    array[array[1]][1][1]
    array[date '2024-01-01', timestamp '2024-01-01 10:00:00']
    array[1, 2.5]
    array[1, null, 2.5e0]
    concat(array[1], array[2], array[null])
    array_position(array[nan()], nan())
    array_remove(array[nan(), 1e0], nan())
    array_max(array[null])
    all_match(array[1,null], x -> x = 1)
    all_match(array[1,null], x -> x = 2)
    none_match(array[1,null], x -> x = 2)
    none_match(array[1,null], x -> x = 1)
    any_match(cast(null as array(bigint)), x -> x = 1)
    all_match(cast(null as array(bigint)), x -> x = 1)
    array_remove(array[nan(), 1e0, null], 1)
  `),
  times: lines(`
    regexp_extract('foo123bar', '[0-9]+')
    regexp_extract('foo123bar', '([a-z]+)([0-9]+)', 2)
    regexp_extract('foo', '(x|f)o', 1)
    regexp_extract('foo', 'b(a)r', 1)
    regexp_extract_all('a1b22', '[0-9]+')
    regexp_extract_all('abc', 'x')
    regexp_extract('foo', '(?:x|f)(o)', 1)
    regexp_extract('foo', '(f)(o|x)', 2)
    cast(date '2024-01-05' as varchar)
    try_cast('２０２４-01-01' as date)
    try_cast('２０２４-01-01' as timestamp)
    date_trunc('week', date '2024-01-07')
    date_trunc('quarter', date '2024-05-07')
    date_trunc('day', timestamp '1969-12-31 10:00:00')
    date_trunc('week', timestamp '1969-12-28 10:00:00')
    date_trunc('year', timestamp '0001-05-05 00:00:00')
    date_add('day', 1, date '2024-02-28')
    date_add('month', 1, date '2024-01-31')
    date_add('month', -1, date '2024-03-31')
    date_add('year', 1, date '2024-02-29')
    date_add('quarter', 1, timestamp '2024-11-30 00:00:00')
    date_diff('day', date '2024-01-01', date '2024-03-01')
    date_diff('month', date '2024-01-31', date '2024-02-29')
    date_diff('month', date '2024-02-29', date '2024-01-31')
    date_diff('month', timestamp '2024-01-31 12:00:00', timestamp '2024-02-29 13:00:00')
    date_diff('month', timestamp '2024-01-31 12:00:00', timestamp '2024-02-29 11:00:00')
    date_diff('month', timestamp '2024-03-31 12:00:00', timestamp '2024-02-29 13:00:00')
    date_diff('year', date '2024-02-29', date '2025-02-28')
    date_diff('year', date '2023-02-28', date '2024-02-29')
    date_diff('quarter', date '2023-11-30', date '2024-02-29')
    date_diff('week', date '2024-01-01', date '2024-01-15')
    date_diff('week', date '2024-01-15', date '2024-01-02')
    date_diff('hour', timestamp '2024-01-01 10:30:00', timestamp '2024-01-01 09:31:00')
    extract(week from date '2024-12-30')
    extract(yow from date '2024-12-30')
    extract(dow from timestamp '2024-01-07 00:00:00')
    extract(doy from date '2024-12-31')
    extract(quarter from date '2024-12-31')
    extract(second from timestamp '2024-01-01 00:00:59.999')
    year(date '0001-01-01')
    millisecond(timestamp '2024-01-01 00:00:59.123456')
    date_format(timestamp '2024-01-05 09:08:07', '%Y-%m-%d %H:%i:%s')
    date_format(timestamp '0005-01-05 09:08:07', '%Y')
    date_parse('2024-01-05', '%Y-%m-%d')
    date_parse('20240105', '%Y%m%d')
    date_parse('05/01/2024', '%d/%m/%Y')
    date_parse('2024-01-05 10', '%Y-%m-%d %H')
    date_parse('2024-01-05 10:11:12', '%Y-%m-%d %H:%i:%s')
    date_parse('2024', '%Y')
    from_iso8601_date('2024-01-05')
    to_unixtime(timestamp '2024-01-05 00:00:00.123')
    last_day_of_month(date '2024-02-01')
    date '2024-01-05' + interval '1' day
    date '2024-01-31' + interval '1' month
    date '2024-03-31' - interval '1' month
    date '2024-01-05' + interval '24' hour
    timestamp '2024-01-05 10:00:00' - timestamp '2024-01-01 00:00:00' > interval '1' day
    timestamp '2024-01-05 10:00:00' - timestamp '2024-01-01 00:00:00' = interval '106' hour
    interval '1' day > interval '23' hour
    interval '24' hour = interval '1' day
    interval '12' month = interval '1' year
    interval '1' day * 2 = interval '2' day
    2 * interval '1' day = interval '48' hour
    timestamp '2024-01-05 00:00:00' + (- interval '1' day)
    timestamp '2024-01-05 00:00:00' + interval '-1' day
    timestamp '2024-01-31 00:00:00' + interval '1' month + interval '1' day
    timestamp '2024-01-05 10:00:00' > date '2024-01-05'
    timestamp '2024-01-05 00:00:00' = date '2024-01-05'
    date '2024-01-05' in (timestamp '2024-01-05 00:00:00')
    date '2024-01-05' between timestamp '2024-01-05 00:00:00' and date '2024-01-06'
    greatest(date '2024-01-05', timestamp '2024-01-04 00:00:00')
    coalesce(null, date '2024-01-05', timestamp '2024-01-04 00:00:00')
    cast(date '2024-01-05' as timestamp)
    cast(timestamp '2024-01-05 10:00:00.123456' as timestamp(3))
    cast('2024-01-05 10:00' as timestamp)
    cast(' 2024-01-05' as date)
    try_cast('2024-13-05' as date)
    try_cast('x' as date)
    try_cast('' as date)
    current_date > date '2020-01-01'
    localtimestamp > timestamp '2020-01-01 00:00:00'
    date('2024-01-05')
    date(timestamp '2024-01-05 10:00:00')
    day_of_week(date '2024-01-07')
    greatest(interval '1' day, interval '2' day) = interval '2' day
    timestamp '1970-01-01 00:00:00' + 5 * interval '1' second
    timestamp '1970-01-01 00:00:00' + cast(2.5e0 as bigint) * interval '1' second
    date '0001-01-01' - interval '1' day
    date_parse('2024 11', '%Y %i')
    timestamp '2024-01-01 00:00:00' + interval '1' day + interval '1' month
    timestamp '2024-01-01 00:00:00' + (interval '1' day - interval '1' hour)
  `),
}
