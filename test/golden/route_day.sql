with newest as (
  select f."dest", f."origin", max(f."event_timestamp") as "event_timestamp"
  from route_day_v1 f
  where f."dest" is not null and f."origin" is not null and f."event_timestamp" is not null and f."event_timestamp" <= timestamp '2013-12-25 19:33:20.000001'
  group by f."dest", f."origin"
),
ranked as (
  select f.*, row_number() over (partition by f."dest", f."origin" order by f."created_timestamp" desc nulls last, f."row_hash" desc) as quern_place
  from route_day_v1 f join newest on f."dest" = newest."dest" and f."origin" = newest."origin" and f."event_timestamp" = newest."event_timestamp"
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
