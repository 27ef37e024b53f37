/** Random SELECTs over a table of edge values: joins, groups, windows, subqueries, CASE, arrays. */
import type { Random } from '../oracle/random.ts'

/** `source`: two keys, numbers of three kinds, a text, a date, an instant. Each has nulls. */
export const SOURCE = `source as (
  select * from (values
    (1, 'a', bigint '10', 1.5e0, 'x y', date '2024-01-01', timestamp '2024-01-01 23:59:59.999'),
    (2, 'a', bigint '-7', -2.5e0, 'É', date '2023-12-31', timestamp '2024-02-29 12:30:45.123456'),
    (3, 'b', bigint '0', 0e0, '', date '2024-02-29', timestamp '1969-12-31 23:59:59.999'),
    (4, 'b', cast(null as bigint), nan(), cast(null as varchar), cast(null as date), cast(null as timestamp(6))),
    (5, 'c', bigint '4', 0.5e0, '😀b-c', date '2020-12-31', timestamp '2024-03-31 02:30:00'),
    (6, cast(null as varchar), bigint '3', cast(null as double), 'a-b', date '1969-12-31', timestamp '2024-01-01 00:00:00')
  ) as t (id, k, n, x, s, d, ts)
)`.replaceAll(/bigint '(-?\d+)'/g, 'cast($1 as bigint)')

type Kind = 'whole' | 'double' | 'text' | 'day' | 'instant' | 'truth'

const COLUMNS: Readonly<Record<Kind, readonly string[]>> = {
  whole: ['n', 'cast(id as bigint)', '3', '-2'],
  double: ['x', '2.5e0', 'cast(n as double)'],
  text: ['s', 'k', "'a'"],
  day: ['d', "date '2024-02-29'"],
  instant: ['ts', "timestamp '2024-01-31 10:00:00'"],
  truth: ['true', 'n > 0', "k = 'a'", 's is null'],
}

export interface GeneratedSelect {
  readonly sql: string
}

const pick = <T>({ pick }: Random, items: readonly T[]): T => pick(items)

/** An expression of a kind with a maximum depth. */
function expression(random: Random, kind: Kind, depth: number): string {
  if (depth <= 0) return pick(random, COLUMNS[kind])
  const of = (other: Kind): string => expression(random, other, depth - 1)
  const forms: Readonly<Record<Kind, readonly (() => string)[]>> = {
    whole: [
      () => `(${of('whole')} ${pick(random, ['+', '-', '*'])} ${of('whole')})`,
      () => `(${of('whole')} / nullif(${of('whole')}, 0))`,
      () => `coalesce(${of('whole')}, 0)`,
      () => `length(${of('text')})`,
      () =>
        `date_diff('${pick(random, ['day', 'hour', 'month', 'year'])}', ${of('instant')}, ${of('instant')})`,
      () => `${pick(random, ['year', 'month', 'week', 'day_of_week', 'doy'])}(${of('day')})`,
      () => `${pick(random, ['greatest', 'least'])}(${of('whole')}, ${of('whole')})`,
      () => `case when ${of('truth')} then ${of('whole')} else ${of('whole')} end`,
      () => `strpos(${of('text')}, ${of('text')})`,
      () => `cardinality(split(${of('text')}, '-'))`,
    ],
    double: [
      () => `(${of('double')} ${pick(random, ['+', '-', '*', '/'])} ${of('double')})`,
      () => `abs(${of('double')})`,
      () => `round(${of('double')}, 2)`,
      () => `if(${of('truth')}, ${of('double')}, ${of('double')})`,
      () => `cast(${of('whole')} as double)`,
      () => `${pick(random, ['greatest', 'least'])}(${of('double')}, ${of('double')})`,
    ],
    text: [
      () => `(${of('text')} || ${of('text')})`,
      () => `concat(${of('text')}, '-', ${of('text')})`,
      () => `substr(${of('text')}, ${pick(random, ['0', '1', '-2', '2'])})`,
      () => `${pick(random, ['lower', 'upper', 'trim', 'reverse'])}(${of('text')})`,
      () => `split_part(${of('text')}, '-', ${pick(random, ['1', '2'])})`,
      () => `regexp_replace(${of('text')}, '[a-c]', '${pick(random, ['', 'z', '<$0>']).replace('$0', '')}')`,
      () => `cast(${of('whole')} as varchar)`,
      () => `date_format(${of('instant')}, '%Y-%m-%d %H:%i:%s')`,
    ],
    day: [
      () => `(${of('day')} + interval '1' ${pick(random, ['day', 'month', 'year'])})`,
      () => `cast(${of('instant')} as date)`,
      () => `last_day_of_month(${of('day')})`,
      () => `date_trunc('${pick(random, ['week', 'month', 'quarter', 'year'])}', ${of('day')})`,
    ],
    instant: [
      () => `(${of('instant')} - interval '90' ${pick(random, ['second', 'minute', 'hour'])})`,
      () => `date_trunc('${pick(random, ['hour', 'day', 'week', 'month'])}', ${of('instant')})`,
      () => `cast(${of('day')} as timestamp)`,
      () => `date_add('month', 1, ${of('instant')})`,
    ],
    truth: [
      () => `(${of('whole')} ${pick(random, ['=', '<', '>=', '<>'])} ${of('whole')})`,
      () => `(${of('double')} ${pick(random, ['=', '<', '>=', '<>', 'is distinct from'])} ${of('double')})`,
      () => `(${of('text')} like '${pick(random, ['a%', '%b', '_', '%-%'])}')`,
      () => `(not ${of('truth')})`,
      () => `(${of('truth')} ${pick(random, ['and', 'or'])} ${of('truth')})`,
      () => `(${of('whole')} in (1, ${of('whole')}, null))`,
      () => `(${of('instant')} between ${of('instant')} and ${of('instant')})`,
      () => `(${of('day')} is null)`,
      () => `regexp_like(${of('text')}, '^[a-z]')`,
    ],
  }
  return pick(random, forms[kind])()
}

const KINDS = ['whole', 'double', 'text', 'day', 'instant', 'truth'] as const

const aggregates = (random: Random): readonly string[] => {
  const of = (kind: Kind): string => expression(random, kind, 1)
  return [
    `count(*)`,
    `count(distinct ${of('text')})`,
    `count_if(${of('truth')})`,
    `sum(${of('whole')}) filter (where ${of('truth')})`,
    `max(${of('double')})`,
    `min(${of('text')})`,
    `max(${of('instant')})`,
    `max_by(s, id)`,
    `bool_or(${of('truth')})`,
    `array_join(array_agg(s order by id), ',')`,
    `sum(n) / count(*)`,
    `avg(n)`,
  ]
}

const shapes: readonly ((random: Random) => string)[] = [
  random => {
    const items = KINDS.map((kind, i) => `${expression(random, kind, 3)} as c${i}`)
    return `select id, ${items.join(', ')} from source order by id`
  },
  random => {
    const [key, items] = [
      pick(random, ['k', 'n > 1', 'year(d)']),
      aggregates(random).map((each, i) => `${each} as a${i}`),
    ]
    return `select ${key} as g, ${items.join(', ')} from source where ${expression(random, 'truth', 2)} group by 1 having count(*) > ${pick(random, ['0', '1'])} order by 1`
  },
  random => {
    const over = `over (partition by ${pick(random, ['k', 'n > 1'])} order by id${pick(random, ['', ' rows between 1 preceding and current row', ' desc'])})`
    const of = pick(random, [
      'sum(n)',
      'count(*)',
      'max(x)',
      'lag(s)',
      'first_value(n)',
      'row_number()',
      'min(d)',
      'lead(n, 1, 0)',
    ])
    return `select * from (select id, ${of} ${/^(lag|lead|row_number)/.test(of) ? over.replace(/ rows .* row/, '') : over} as w, ${expression(random, 'whole', 2)} as v from source) t order by id`
  },
  random => {
    const on = pick(random, ['a.k = b.k', 'a.n < b.n', 'a.x = b.x', 'a.k = b.k and a.id < b.id'])
    return `select a.id, b.id as other, coalesce(b.s, 'none') as s from source a ${pick(random, ['join', 'left join', 'full join'])} source b on ${on} order by 1, 2`
  },
  random =>
    `select id, ${expression(random, 'text', 2)} as c from source where ${pick(random, ["n in (select n from source where k = 'a')", 'n not in (select n from source where id < 3)', 'exists (select 1 from source o where o.k = source.k and o.id <> source.id)', 'n > (select avg(n) from source)'])} order by id`,
  random =>
    `select id, p, o from source cross join unnest(split(${expression(random, 'text', 1)}, '-'), sequence(1, ${pick(random, ['1', '2', '3'])})) with ordinality as u (p, q, o) order by id, o`,
  random =>
    `select ${pick(random, ['k', 's'])} as v from source where ${expression(random, 'truth', 1)} ${pick(random, ['union', 'union all', 'intersect', 'except'])} select k from source order by 1`,
]

/** `with source as (…) select …`. The rows are ordered. */
export function generateSelect(random: Random): string {
  return `with ${SOURCE} ${pick(random, shapes)(random)}`
}
