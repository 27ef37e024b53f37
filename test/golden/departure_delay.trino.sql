with spine as (
  select * from spine s
),
u1_points as (
  select distinct spine."origin" as quern_k1, spine."event_timestamp" as quern_moment
  from spine where spine."origin" is not null and spine."event_timestamp" is not null
),
u1_spans as (
  select quern_k1, min(quern_moment) as quern_first, max(quern_moment) as quern_last
  from u1_points group by quern_k1
),
u1_marks as (
  select quern_k1, quern_moment, cast(null as timestamp(6)) as event from u1_points
  union all
  select f."airport", case when f."created_timestamp" is null or f."created_timestamp" < f."event_timestamp" then f."event_timestamp" else f."created_timestamp" end, f."event_timestamp"
  from airport_weather_v1 f join u1_spans s on f."airport" = s."quern_k1" and f."event_timestamp" <= s.quern_last and f."event_timestamp" >= s.quern_first - 10800000 * interval '0.001' second where f."airport" is not null and f."event_timestamp" is not null and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001' and f."event_timestamp" >= timestamp '2012-12-31 21:26:40.000000'
),
u1_seen as (
  select quern_k1, quern_moment, event, max(event) over (partition by quern_k1 order by quern_moment) as newest
  from u1_marks
),
u1_newest as (
  select quern_k1, quern_moment, newest
  from u1_seen where event is null and newest is not null and newest >= quern_moment - 10800000 * interval '0.001' second
),
u1_rows as (
  select n.quern_k1, n.quern_moment, f."temp", f."humid", f."wind_dir", f."wind_speed", f."wind_gust", f."precip", f."visib",
    row_number() over (partition by n.quern_k1, n.quern_moment order by f."created_timestamp" desc nulls last, f."row_hash" desc) as quern_place
  from airport_weather_v1 f join u1_newest n on f."airport" = n."quern_k1" and f."event_timestamp" = n."newest" and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and (f."created_timestamp" is null or f."created_timestamp" <= n.quern_moment) and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001' and f."event_timestamp" >= timestamp '2012-12-31 21:26:40.000000'
),
u2_points as (
  select distinct spine."origin" as quern_k1, spine."event_timestamp" as quern_moment
  from spine where spine."origin" is not null and spine."event_timestamp" is not null
),
u2_spans as (
  select quern_k1, min(quern_moment) as quern_first, max(quern_moment) as quern_last
  from u2_points group by quern_k1
),
u2_marks as (
  select quern_k1, quern_moment, cast(null as timestamp(6)) as event from u2_points
  union all
  select f."airport", case when f."created_timestamp" is null or f."created_timestamp" < f."event_timestamp" then f."event_timestamp" else f."created_timestamp" end, f."event_timestamp"
  from airport_place_v1 f join u2_spans s on f."airport" = s."quern_k1" and f."event_timestamp" <= s.quern_last where f."airport" is not null and f."event_timestamp" is not null and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001'
),
u2_seen as (
  select quern_k1, quern_moment, event, max(event) over (partition by quern_k1 order by quern_moment) as newest
  from u2_marks
),
u2_newest as (
  select quern_k1, quern_moment, newest
  from u2_seen where event is null and newest is not null
),
u2_rows as (
  select n.quern_k1, n.quern_moment, f."lat", f."lon", f."alt",
    row_number() over (partition by n.quern_k1, n.quern_moment order by f."created_timestamp" desc nulls last, f."row_hash" desc) as quern_place
  from airport_place_v1 f join u2_newest n on f."airport" = n."quern_k1" and f."event_timestamp" = n."newest" and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and (f."created_timestamp" is null or f."created_timestamp" <= n.quern_moment) and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001'
),
u3_points as (
  select distinct spine."dest" as quern_k1, spine."event_timestamp" as quern_moment
  from spine where spine."dest" is not null and spine."event_timestamp" is not null
),
u3_spans as (
  select quern_k1, min(quern_moment) as quern_first, max(quern_moment) as quern_last
  from u3_points group by quern_k1
),
u3_marks as (
  select quern_k1, quern_moment, cast(null as timestamp(6)) as event from u3_points
  union all
  select f."airport", case when f."created_timestamp" is null or f."created_timestamp" < f."event_timestamp" then f."event_timestamp" else f."created_timestamp" end, f."event_timestamp"
  from airport_place_v1 f join u3_spans s on f."airport" = s."quern_k1" and f."event_timestamp" <= s.quern_last where f."airport" is not null and f."event_timestamp" is not null and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001'
),
u3_seen as (
  select quern_k1, quern_moment, event, max(event) over (partition by quern_k1 order by quern_moment) as newest
  from u3_marks
),
u3_newest as (
  select quern_k1, quern_moment, newest
  from u3_seen where event is null and newest is not null
),
u3_rows as (
  select n.quern_k1, n.quern_moment, f."lat", f."lon", f."alt",
    row_number() over (partition by n.quern_k1, n.quern_moment order by f."created_timestamp" desc nulls last, f."row_hash" desc) as quern_place
  from airport_place_v1 f join u3_newest n on f."airport" = n."quern_k1" and f."event_timestamp" = n."newest" and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and (f."created_timestamp" is null or f."created_timestamp" <= n.quern_moment) and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001'
),
u4_points as (
  select distinct spine."tailnum" as quern_k1, spine."event_timestamp" as quern_moment
  from spine where spine."tailnum" is not null and spine."event_timestamp" is not null
),
u4_spans as (
  select quern_k1, min(quern_moment) as quern_first, max(quern_moment) as quern_last
  from u4_points group by quern_k1
),
u4_marks as (
  select quern_k1, quern_moment, cast(null as timestamp(6)) as event from u4_points
  union all
  select f."tailnum", case when f."created_timestamp" is null or f."created_timestamp" < f."event_timestamp" then f."event_timestamp" else f."created_timestamp" end, f."event_timestamp"
  from aircraft_model_v1 f join u4_spans s on f."tailnum" = s."quern_k1" and f."event_timestamp" <= s.quern_last where f."tailnum" is not null and f."event_timestamp" is not null and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001'
),
u4_seen as (
  select quern_k1, quern_moment, event, max(event) over (partition by quern_k1 order by quern_moment) as newest
  from u4_marks
),
u4_newest as (
  select quern_k1, quern_moment, newest
  from u4_seen where event is null and newest is not null
),
u4_rows as (
  select n.quern_k1, n.quern_moment, f."year_built", f."manufacturer", f."seats",
    row_number() over (partition by n.quern_k1, n.quern_moment order by f."created_timestamp" desc nulls last, f."row_hash" desc) as quern_place
  from aircraft_model_v1 f join u4_newest n on f."tailnum" = n."quern_k1" and f."event_timestamp" = n."newest" and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and (f."created_timestamp" is null or f."created_timestamp" <= n.quern_moment) and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001'
),
u5_points as (
  select distinct spine."tailnum" as quern_k1, spine."event_timestamp" as quern_moment
  from spine where spine."tailnum" is not null and spine."event_timestamp" is not null
),
u5_spans as (
  select quern_k1, min(quern_moment) as quern_first, max(quern_moment) as quern_last
  from u5_points group by quern_k1
),
u5_marks as (
  select quern_k1, quern_moment, cast(null as timestamp(6)) as event from u5_points
  union all
  select f."tailnum", case when f."created_timestamp" is null or f."created_timestamp" < f."event_timestamp" then f."event_timestamp" else f."created_timestamp" end, f."event_timestamp"
  from aircraft_last_flight_v1 f join u5_spans s on f."tailnum" = s."quern_k1" and f."event_timestamp" <= s.quern_last and f."event_timestamp" >= s.quern_first - 259200000 * interval '0.001' second where f."tailnum" is not null and f."event_timestamp" is not null and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001' and f."event_timestamp" >= timestamp '2012-12-29 00:26:40.000000'
),
u5_seen as (
  select quern_k1, quern_moment, event, max(event) over (partition by quern_k1 order by quern_moment) as newest
  from u5_marks
),
u5_newest as (
  select quern_k1, quern_moment, newest
  from u5_seen where event is null and newest is not null and newest >= quern_moment - 259200000 * interval '0.001' second
),
u5_rows as (
  select n.quern_k1, n.quern_moment, f."last_dest", f."last_dep_delay", f."last_arr_delay", f."last_air_time",
    row_number() over (partition by n.quern_k1, n.quern_moment order by f."created_timestamp" desc nulls last, f."row_hash" desc) as quern_place
  from aircraft_last_flight_v1 f join u5_newest n on f."tailnum" = n."quern_k1" and f."event_timestamp" = n."newest" and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and (f."created_timestamp" is null or f."created_timestamp" <= n.quern_moment) and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001' and f."event_timestamp" >= timestamp '2012-12-29 00:26:40.000000'
),
u6_points as (
  select distinct spine."carrier" as quern_k1, spine."event_timestamp" as quern_moment
  from spine where spine."carrier" is not null and spine."event_timestamp" is not null
),
u6_spans as (
  select quern_k1, min(quern_moment) as quern_first, max(quern_moment) as quern_last
  from u6_points group by quern_k1
),
u6_marks as (
  select quern_k1, quern_moment, cast(null as timestamp(6)) as event from u6_points
  union all
  select f."carrier", case when f."created_timestamp" is null or f."created_timestamp" < f."event_timestamp" then f."event_timestamp" else f."created_timestamp" end, f."event_timestamp"
  from carrier_day_v1 f join u6_spans s on f."carrier" = s."quern_k1" and f."event_timestamp" <= s.quern_last and f."event_timestamp" >= s.quern_first - 604800000 * interval '0.001' second where f."carrier" is not null and f."event_timestamp" is not null and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001' and f."event_timestamp" >= timestamp '2012-12-25 00:26:40.000000'
),
u6_seen as (
  select quern_k1, quern_moment, event, max(event) over (partition by quern_k1 order by quern_moment) as newest
  from u6_marks
),
u6_newest as (
  select quern_k1, quern_moment, newest
  from u6_seen where event is null and newest is not null and newest >= quern_moment - 604800000 * interval '0.001' second
),
u6_rows as (
  select n.quern_k1, n.quern_moment, f."departures", f."mean_dep_delay", f."late_share",
    row_number() over (partition by n.quern_k1, n.quern_moment order by f."created_timestamp" desc nulls last, f."row_hash" desc) as quern_place
  from carrier_day_v1 f join u6_newest n on f."carrier" = n."quern_k1" and f."event_timestamp" = n."newest" and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and (f."created_timestamp" is null or f."created_timestamp" <= n.quern_moment) and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001' and f."event_timestamp" >= timestamp '2012-12-25 00:26:40.000000'
),
u7_points as (
  select distinct spine."dest" as quern_k1, spine."origin" as quern_k2, spine."event_timestamp" as quern_moment
  from spine where spine."dest" is not null and spine."origin" is not null and spine."event_timestamp" is not null
),
u7_spans as (
  select quern_k1, quern_k2, min(quern_moment) as quern_first, max(quern_moment) as quern_last
  from u7_points group by quern_k1, quern_k2
),
u7_marks as (
  select quern_k1, quern_k2, quern_moment, cast(null as timestamp(6)) as event from u7_points
  union all
  select f."dest", f."origin", case when f."created_timestamp" is null or f."created_timestamp" < f."event_timestamp" then f."event_timestamp" else f."created_timestamp" end, f."event_timestamp"
  from route_day_v1 f join u7_spans s on f."dest" = s."quern_k1" and f."origin" = s."quern_k2" and f."event_timestamp" <= s.quern_last and f."event_timestamp" >= s.quern_first - 604800000 * interval '0.001' second where f."dest" is not null and f."origin" is not null and f."event_timestamp" is not null and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001' and f."event_timestamp" >= timestamp '2012-12-25 00:26:40.000000'
),
u7_seen as (
  select quern_k1, quern_k2, quern_moment, event, max(event) over (partition by quern_k1, quern_k2 order by quern_moment) as newest
  from u7_marks
),
u7_newest as (
  select quern_k1, quern_k2, quern_moment, newest
  from u7_seen where event is null and newest is not null and newest >= quern_moment - 604800000 * interval '0.001' second
),
u7_rows as (
  select n.quern_k1, n.quern_k2, n.quern_moment, f."departures", f."mean_dep_delay", f."max_dep_delay",
    row_number() over (partition by n.quern_k1, n.quern_k2, n.quern_moment order by f."created_timestamp" desc nulls last, f."row_hash" desc) as quern_place
  from route_day_v1 f join u7_newest n on f."dest" = n."quern_k1" and f."origin" = n."quern_k2" and f."event_timestamp" = n."newest" and (f."created_timestamp" is null or f."created_timestamp" <= timestamp '2013-12-25 19:33:20.000001') and (f."created_timestamp" is null or f."created_timestamp" <= n.quern_moment) and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001' and f."event_timestamp" >= timestamp '2012-12-25 00:26:40.000000'
)
select spine."carrier",
  spine."dest",
  spine."origin",
  spine."tailnum",
  spine."event_timestamp",
  u1_rows."temp" as "temp",
  u1_rows."humid" as "humid",
  u1_rows."wind_dir" as "wind_dir",
  u1_rows."wind_speed" as "wind_speed",
  u1_rows."wind_gust" as "wind_gust",
  u1_rows."precip" as "precip",
  u1_rows."visib" as "visib",
  u2_rows."lat" as "origin_place__lat",
  u2_rows."lon" as "origin_place__lon",
  u2_rows."alt" as "origin_place__alt",
  u3_rows."lat" as "dest_place__lat",
  u3_rows."lon" as "dest_place__lon",
  u3_rows."alt" as "dest_place__alt",
  u4_rows."year_built" as "year_built",
  u4_rows."manufacturer" as "manufacturer",
  u4_rows."seats" as "seats",
  u5_rows."last_dest" as "last_dest",
  u5_rows."last_dep_delay" as "last_dep_delay",
  u5_rows."last_arr_delay" as "last_arr_delay",
  u5_rows."last_air_time" as "last_air_time",
  u6_rows."departures" as "carrier_day__departures",
  u6_rows."mean_dep_delay" as "carrier_day__mean_dep_delay",
  u6_rows."late_share" as "late_share",
  u7_rows."departures" as "route_day__departures",
  u7_rows."mean_dep_delay" as "route_day__mean_dep_delay",
  u7_rows."max_dep_delay" as "max_dep_delay"
from spine
left join u1_rows on spine."origin" = u1_rows."quern_k1" and spine."event_timestamp" = u1_rows."quern_moment" and u1_rows.quern_place = 1
left join u2_rows on spine."origin" = u2_rows."quern_k1" and spine."event_timestamp" = u2_rows."quern_moment" and u2_rows.quern_place = 1
left join u3_rows on spine."dest" = u3_rows."quern_k1" and spine."event_timestamp" = u3_rows."quern_moment" and u3_rows.quern_place = 1
left join u4_rows on spine."tailnum" = u4_rows."quern_k1" and spine."event_timestamp" = u4_rows."quern_moment" and u4_rows.quern_place = 1
left join u5_rows on spine."tailnum" = u5_rows."quern_k1" and spine."event_timestamp" = u5_rows."quern_moment" and u5_rows.quern_place = 1
left join u6_rows on spine."carrier" = u6_rows."quern_k1" and spine."event_timestamp" = u6_rows."quern_moment" and u6_rows.quern_place = 1
left join u7_rows on spine."dest" = u7_rows."quern_k1" and spine."origin" = u7_rows."quern_k2" and spine."event_timestamp" = u7_rows."quern_moment" and u7_rows.quern_place = 1
order by "spine_row"
