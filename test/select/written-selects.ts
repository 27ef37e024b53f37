/**
 * SELECTs as engineers write them, each with a difficulty. Each has a total order, so that both engines return the same
 * rows.
 */
import { SOURCE } from './generate-selects.ts'

const lines = (text: string): readonly string[] =>
  text
    .trim()
    .split('\n')
    .map(line => `with ${SOURCE} ${line.trim()}`)

export const WRITTEN_SELECTS: Readonly<Record<string, readonly string[]>> = {
  'names, orders and choices': lines(String.raw`
    select n + 1 as id, id as c from source order by 2
    select id, -n as n from source order by n, id
    select id, -n as n from source order by n + 0, id
    select id, -n as n from source order by -n, id
    select id, -n as n from source order by source.n, id
    select id, -n as m from source order by m + 0, id
    select distinct k from source order by k
    select distinct k as kk from source order by k
    select distinct k as kk from source order by kk
    select id as "Id" from source order by "id"
    select id as a from source order by a desc, a
    select n = 1.0 as a from source order by id
    select n in (1, 2, 3, 4, 5.5) as a from source order by id
    select k in ('a', null) as a from source order by id
    select coalesce(n, 1.5) as a from source order by id
    select coalesce(n, 1.5e0) as a from source order by id
    select coalesce(d, ts) as a from source order by id
    select case when id = 1 then 1 else 2.5 end as a from source order by id
    select case when id = 1 then 1 else 2.5e0 end as a from source order by id
    select case when id = 1 then d else ts end as a from source order by id
    select case id when 1e0 then 1 end as a from source order by id
    select nullif(n, 10.0) as a from source order by id
    select greatest(n, 1.5) as a from source order by id
    select greatest(d, ts) as a from source order by id
    select n between 1 and 2.5 as a from source order by id
    select d between ts and ts as a from source order by id
    select bigint '1' as a
    select boolean 'true' as a
    select bigint '-1' as a
    select 1 as a from source order by a, id
    select t.* from source t order by t.id
    select source.* from source where id = 1
    select v.a from (values (1, 'x'), (2, 'y')) as v (a, b) order by 1
    select * from (values (1, 'x'), (2, 'y')) order by 1
    select k.k from source k where id = 1
    select "K" from source order by id
    select source.ID from source order by iD
    select transform(array[1,2], x -> x + n) as t from source order by id
    select id + 1 as id from source where id > 2 order by id
    select distinct x from source order by 1
    select distinct k, n from source order by k, n
    select distinct k, n + 1 as m from source order by n + 1, k
    select * from (values (1, 'a'), (null, null)) as t (a, b) order by a
    select * from (values (1), (2.5)) as t (a) order by a
    select * from (values (1), (2.5e0)) as t (a) order by a
    select * from (values (1, null), (2, 'x')) as t (a, b) order by a
    select id from source order by k, id desc limit 2
    select id from source order by id offset 2 limit 2
    select id from source order by id limit 0
    select id from source order by id fetch first 2 rows only
    select id, n from source order by n nulls first, id
    select id, n from source order by n desc, id
    select id, n from source order by n desc nulls last, id
    select k from source order by k
    select s from source order by s
    select x from source order by x
    select x from source order by x desc
    select d, ts from source order by ts desc, d
    select id = 1 as b from source order by b, 1
    select id from source as s where s.id = 1
    select id from source "S" where "S".id = 1
    select id as order_id, k as "group" from source order by order_id
    select id date from source order by id
    select id as year, n as month, k as day from source order by 1
    select id, k from source where k = 'a' and id between 1 and 2 or id = 6 order by id
    select * from source where id = 1
    select if(n > 0, 'pos', 'neg') as b from source order by id
    select cast(s as bigint) as a from source where id = 100
    select 1 as a where 1 = 0
    select 'it''s' as a
    select 'a\nb' as a
    select 1e5 as a
    select 1E5 as a
    select -1.5e-3 as a
    select 00012 as a
    select 00012.50 as a
    select 0.10 as a
    select 123456789012345678901234567890.12 as a
  `),
  aggregates: lines(`
    select k, max(n) as n from source group by k having max(n) > 3 order by 1
    select k, -sum(n) as s from source group by k order by s, k
    select upper(k) as k, count(*) as c from source group by k order by 1
    select upper(k) as k, count(*) as c from source group by upper(k) order by k
    select id % 2 as id, count(*) as c from source group by id order by 1, 2
    select k, count(*) as c from source group by 1 order by c desc, k
    select k from source group by k having count(*) > 1 order by k
    select k, count(*) as c, n + 1 as m from source group by k, n order by 1, 3
    select k || 'x' as kx, count(*) as c from source group by k order by 1
    select count(*) as c, k from source group by 2 order by 2
    select max(n) + 1 as m from source
    select max(k = 'a') as a from source
    select min(array[1]) as a
    select a.k as z, count(*) as c from source a group by a.k order by a.k
    select id, sum(n) as n from source group by id having sum(n) > 1 order by 1
    select k, min(n) as n from source group by k, n having n > 3 order by 1
    select k as n, sum(n) as s from source group by k, n having n > 3 order by 2
    select max(id) as id, k from source group by k order by id
    select max(id) as id, k from source where id > 2 group by k having max(id) > 3 order by id
    select case k when 'a' then 'b' else k end as k, count(*) as c from source group by k order by 1, 2
    select date(ts) as ts, count(*) as c from source group by date(ts) order by 1
    select date(ts) as ts, count(*) as c from source group by ts order by 1, 2
    select id as k from source group by grouping sets ((k), (id)) order by 1
    select count(distinct n) as a, count(n) as b, count(*) as c, count(distinct x) as d from source
    select count(distinct nan()) as a from source
    select sum(n) as a, sum(x) as b, sum(id) as c from source
    select count(*) as a from source where id > 100
    select avg(n) as a, avg(id) as b from source
    select avg(x) as a from source where x < 100
    select sum(1.5) as a from source
    select sum(cast(n as decimal(10,2))) as a from source
    select sum(distinct n) as a from source
    select avg(distinct id % 2) as a from source
    select min(x) as a, max(x) as b from source
    select min(k) as a, max(s) as b from source
    select min_by(id, n) as a, max_by(id, n) as b from source
    select max_by(n, x) as a from source
    select max_by(s, id) as a, max_by(null, id) as b from source
    select bool_and(n > 0) as a, bool_or(n > 0) as b, every(null) as c from source
    select count_if(n > 0) as a, count_if(null) as b from source
    select array_agg(n order by id) as a from source
    select array_agg(n order by n) as a from source
    select array_agg(n order by n desc) as a from source
    select array_agg(distinct k order by k) as a from source
    select array_agg(k order by k) as a from source where id > 100
    select array_agg(k order by k) filter (where k is not null) as a from source
    select array_join(array_agg(k order by id), ',') as a from source
    select round(stddev(n), 6) as a, round(variance(id), 6) as b, round(stddev_pop(id), 6) as c from source
    select round(stddev(n), 6) as a from source where id = 1
    select round(stddev_pop(n), 6) as a from source where id = 1
    select round(corr(id, n), 6) as a, round(covar_pop(id, n), 6) as b from source
    select round(corr(1, n), 6) as a from source
    select round(avg(x), 3) as a from source
    select sum(n) filter (where n > 0) as a, count(*) filter (where null) as b from source
    select sum(n) filter (where n > 100) as a from source
    select sum(n + id) / count(*) as a from source
    select sum(n) / 2 as a, sum(n) / 2.0 as b, sum(x) / 2 as c from source
    select cast(sum(n) as double) / count(n) as a from source
    select 1.0 * sum(n) / count(*) as a from source
    select avg(n) * 2 as a from source
    select sum(cast(2147483647 as integer)) as a from source
    select sum(cast(100 as tinyint)) as a from source
    select sum(1e308) as a from source
    select sum(nan()) as a from source
    select count(*) + 0.5 as a from source
    select case when k = 'a' then sum(n) end as a from source group by k order by 1
    select coalesce(k, 'none') as a, count(*) as c from source group by coalesce(k, 'none') order by 1
    select k, n, count(*) as c from source group by grouping sets ((k, n), (k), ()) order by 1, 2, 3
    select k, count(*) as c from source group by k, rollup (n) order by 1, 2
    select year(d) as y, month(d) as m, count(*) as c from source group by 1, 2 order by 1, 2
    select x, count(*) as c from source group by x order by 1
    select x + 0 as z, count(*) as c from (values 0e0, -0e0, nan(), nan()) as t (x) group by x + 0 order by 1
    select count(distinct x) as c from (values 0e0, -0e0, nan(), nan()) as t (x)
    select max_by(n, x) as a, min_by(n, x) as b from source
    select max_by(n, x) as a, min_by(n, x) as b from (values (1, nan()), (2, 1e0), (3, nan())) as t (n, x)
    select max_by(n, x) as a, min_by(n, x) as b from (values (2, 1e0), (3, nan())) as t (n, x)
    select max_by(n, x) as a, min_by(n, x) as b from (values (3, nan())) as t (n, x)
    select max_by(n, x) as a, min_by(n, x) as b from (values (cast(null as bigint), 5e0), (3, 1e0)) as t (n, x)
    select round(corr(id, 2), 6) as a from source
    select round(corr(id, n), 6) as a from source where id = 1
    select round(corr(id, x), 6) as a from source where id < 4
    select k, round(corr(id, n), 6) as a from source group by k order by k
    select count(*) as c from source a, source b where a.id = b.id
    select count(*) from source
    select count(*) as "count" from source
    select case when n > 5 then 'high' when n > 0 then 'low' end as b, count(*) as c from source group by 1 order by 1
  `),
  windows: lines(`
    select id, sum(n) over (order by id) as n from source order by n
    select id, lag(n) over w as l from source window w as (order by id) order by 1
    select -id as id, row_number() over (order by id) as r from source order by 2
    select k, sum(sum(n)) over (order by k) as a from source group by k order by k
    select k, rank() over (order by count(*) desc, k) as r from source group by k order by k
    select id, rank() over (order by k) as r, dense_rank() over (order by k) as d from source order by id
    select id, percent_rank() over (order by k) as r, cume_dist() over (order by k) as d from source order by id
    select id, ntile(2) over (order by id) as r from source order by id
    select id, sum(n) over () as r from source order by id
    select id, sum(n) over (order by k) as r from source order by id
    select id, sum(n) over (partition by k order by id) as r from source order by id
    select id, sum(n) over (order by id rows 2 preceding) as r from source order by id
    select id, sum(n) over (order by id rows between 1 following and 2 following) as r from source order by id
    select id, sum(n) over (order by id rows between unbounded preceding and 1 preceding) as r from source order by id
    select id, sum(n) over (order by id range between 1 preceding and current row) as r from source order by id
    select id, sum(n) over (order by d range between interval '40' day preceding and current row) as r from source order by id
    select id, sum(n) over (order by ts range between interval '1' month preceding and current row) as r from source order by id
    select id, sum(n) over (order by n range between 3 preceding and 3 following) as r from source order by id
    select id, sum(n) over (order by x range between 1 preceding and 1 following) as r from source order by id
    select id, count(*) over (order by k groups between 1 preceding and current row) as r from source order by id
    select id, first_value(n) over (order by id) as r, last_value(n) over (order by id) as l from source order by id
    select id, last_value(n) over (order by id rows between unbounded preceding and unbounded following) as l from source order by id
    select id, nth_value(n, 2) over (order by id) as l from source order by id
    select id, lag(n) over (order by id) as l, lag(n, 2, -1) over (order by id) as m from source order by id
    select id, lag(n) ignore nulls over (order by id) as l from source order by id
    select id, first_value(n) ignore nulls over (order by id desc) as l from source order by id
    select id, max_by(n, id) over (order by id) as l from source order by id
    select id, array_agg(n) over (order by id) as l from source order by id
    select id, count(distinct k) over () as l from source order by id
    select id, avg(n) over (order by id rows 1 preceding) as l from source order by id
    select id, min(x) over (order by id rows 1 preceding) as l, max(x) over (order by id) as m from source order by id
    select id, sum(x) over (order by id rows 1 preceding) as l from source order by id
    select id, sum(x) over (order by id) as l from source order by id
    select id, count_if(n > 0) over (order by id) as l from source order by id
    select id, bool_or(n > 3) over (order by id) as l from source order by id
    select id, row_number() over (order by k nulls first, id desc) as l from source order by id
    select id, rank() over (order by x) as l from source order by id
    select id, sum(n) over w as a, count(*) over (w rows 1 preceding) as b from source window w as (order by id) order by id
    select id, lag(n, 2, 0) over (order by id) as l from source order by id
    select id, lead(k, 1, 'none') over (order by id) as l from source order by id
    select id, lead(d, 1, date '2024-01-01') over (order by id) as l from source order by id
  `),
  'joins and subqueries': lines(`
    select a.id from source a join source b on a.id = b.id order by id
    select id from source a join source b using (id) order by id
    select a.* from source a join source b using (id) order by 1
    select id from (select id from source) order by id
    select a from (select id, k from source) t (a, b) order by 1
    select id, id + 1 as j from source where id = (select max(id) from source) order by 1
    select a.id, b.id as bid from source a join source b on a.id = b.id order by a.id
    select a.k, b.k as bk from source a join source b on a.id = b.id order by k, bk, a.id
    select a.id as x from source a join source b using (k) order by k, x
    select k, b.id as x from source a right join source b using (k) order by k, x
    select k, b.id as x from source a right join (select id, coalesce(k, 'zz') as k from source) b using (k) order by k, x
    select k, a.id as i, b.id as x from source a full join (select id, coalesce(k, 'zz') as k from source) b using (k) order by k, i, x
    select id, b.n as bn, c.n as cn from source a join source b using (id) join source c using (id) order by id
    select count(*) as c from source a join source b using (id, k)
    select * from (select id, k from source) a join (select k as kk, id from source) b using (id) order by id
    select k, sum(n) as n from (select k, n from source) group by k, n having n > 3 order by 2
    select k, sum(n) as n from (select k, n from source) as q group by k, n having n > 3 order by 2
    select id, (select max(n) as id from source z where z.id < source.id) as m from source order by id
    select id, t.u from source cross join unnest(array[1, 2]) as t (u) order by 1, 2
    select id, u from source cross join unnest(array[1, 2]) as t (u) order by 1, 2
    select * from source cross join unnest(array[1, 2]) order by 1
    select id, x from source, unnest(array[1, id]) as t (x2) order by 1, 2
    select id from source where n in (select n from source where id < 3) order by id
    select id from source where n not in (select n from source where id < 3) order by id
    select id from source where n not in (select n from source) order by id
    select id from source where n not in (select n from source where id > 100) order by id
    select id, n in (select n from source where id > 3) as c from source order by id
    select id, k in (select upper(k) from source) as c from source order by id
    select id, (select max(n) from source b where b.k = a.k) as m from source a order by id
    select id, (select n from source b where b.id = a.id + 1) as m from source a order by id
    select id, (select count(*) from source b where b.k = a.k) as m from source a order by id
    select id, (select count(*) from source b where b.id > a.id) as m from source a order by id
    select id, exists (select 1 from source b where b.n > a.n) as m from source a order by id
    select id from source a where not exists (select * from source b where b.n > a.n) order by id
    select id from source where (select count(*) from source) > 3 order by id
    select (select 1) as a
    select (select n from source where id > 100) as a
    select a.id, b.m from source a cross join lateral (select max(n) as m from source b where b.k = a.k) b order by 1
    select a.id, b.m from source a left join lateral (select n as m from source b where b.id = a.id + 1) b on true order by 1
    select a.id, b.id as bid from source a left join source b on a.n = b.n order by 1, 2
    select a.id, b.id as bid from source a left join source b on a.n < b.n and b.id > 3 order by 1, 2
    select a.id, b.id as bid from source a full join source b on a.x = b.x order by 1, 2
    select a.id, b.id as bid from source a full join source b on a.n < b.n order by 1, 2
    select a.id, b.id as bid from source a left join source b on a.k is not distinct from b.k order by 1, 2
    select a.id, b.id as bid from source a left join source b on a.x is not distinct from b.x order by 1, 2
    select a.id, b.id as bid from source a right join source b on a.id = b.id + 1 order by 2
    select a.id, b.id as bid from source a left join source b on true where b.id = 1 order by 1
    select a.id from source a join source b on a.x = b.x order by 1
    select count(*) as c from source a cross join source b
    (select 1 as a union select 2) intersect select 2 order by 1
    select id, u from source cross join unnest(split(s, '-')) as t (u) order by 1, 2
    select id, u, o from source cross join unnest(split(s, '-')) with ordinality as t (u, o) order by 1, 3
    select id, u from source left join unnest(split(s, '-')) as t (u) on true order by 1, 2
    select u from unnest(array[3, null, 1]) as t (u) order by u
    select u, v from unnest(array[1, 2], array['a']) as t (u, v) order by u
    select u from unnest(array[array[1,2],array[3]]) as t (u) order by 1
    select u from unnest(sequence(1, 3)) as t (u) order by 1
    select id from (select id from source order by id limit 2) order by 1
    select date, year from (select d as date, id as year from source) t order by year
    select timestamp from (select ts as timestamp, id from source) t order by id
  `),
  sets: lines(`
    select id as a from source union select n from source order by a
    select id from source intersect select n from source order by id
    select id from source union all select x from source order by 1
    select d from source union all select ts from source order by 1
    select id from source union all select 1.5 order by 1
    select null as a union all select 'x' order by 1
    select null as a union all select 1 order by 1
    select x from source intersect select x from source order by 1
    select x from source except select x from source where id = 1 order by 1
    select x from source union select x from source order by 1
    select k from source intersect select cast(null as varchar) order by 1
    select k from source except select 'a' order by 1
    select k from source intersect all select k from source where id < 2 order by 1
    select k from source except all select k from source where id < 2 order by 1
    select 1 as a union select 2 union all select 2 order by 1
    select 1 as a union all select 2 except select 2 order by 1
    select 1 as a union select 2 intersect select 3 order by 1
    select 1 as a union select 1.0 order by 1
    select 1 as a union select 1e0 order by 1
    select 1.10 as a union select 1.1 order by 1
    select 1.25 as a union all select 1.1 order by 1
    select cast(1 as decimal(5,0)) as a union all select 0.25 order by 1
    select 'a' as a union all select null order by 1
    select date '2024-01-01' as a union all select timestamp '2024-01-01 10:00:00' order by 1
    values (1, 'a'), (2, 'b') order by 1
  `),
}
