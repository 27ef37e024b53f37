-- route_day
create or replace view "store"."route_day" as
select "dest",
  "origin",
  "event_timestamp",
  "created_timestamp",
  "departures",
  "max_dep_delay",
  "mean_dep_delay"
from (
with newest as (
  select f."dest", f."origin", max(f."event_timestamp") as "event_timestamp"
  from "store"."route_day_v1" f
  where f."dest" is not null and f."origin" is not null and f."event_timestamp" is not null and f."event_timestamp" <= cast(current_timestamp at time zone 'UTC' as timestamp(6))
  group by f."dest", f."origin"
),
ranked as (
  select f.*, row_number() over (partition by f."dest", f."origin" order by f."created_timestamp" desc nulls last, f."row_hash" desc) as quern_place
  from "store"."route_day_v1" f join newest on f."dest" = newest."dest" and f."origin" = newest."origin" and f."event_timestamp" = newest."event_timestamp"
)
select "dest",
  "origin",
  "event_timestamp",
  "created_timestamp",
  "row_hash",
  "departures",
  "max_dep_delay",
  "mean_dep_delay"
from ranked where quern_place = 1
) n

-- route_day_history
create or replace view "store"."route_day_history" as
select "dest",
  "origin",
  "event_timestamp",
  "created_timestamp",
  "departures",
  "max_dep_delay",
  "mean_dep_delay"
from "store"."route_day_v1"
where "event_timestamp" is not null
