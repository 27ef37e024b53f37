-- freshness: Every view: rows, entities, when its newest row became true and when the store learned of it
select 'aircraft_last_flight' as "view", count(*) as "rows", count(distinct row("tailnum")) as entities,
  max("event_timestamp") as newest_event, max("created_timestamp") as newest_created
from "aircraft_last_flight_history"
union all
select 'aircraft_model' as "view", count(*) as "rows", count(distinct row("tailnum")) as entities,
  max("event_timestamp") as newest_event, max("created_timestamp") as newest_created
from "aircraft_model_history"
union all
select 'airport_departures' as "view", count(*) as "rows", count(distinct row("airport")) as entities,
  max("event_timestamp") as newest_event, max("created_timestamp") as newest_created
from "airport_departures_history"
union all
select 'airport_place' as "view", count(*) as "rows", count(distinct row("airport")) as entities,
  max("event_timestamp") as newest_event, max("created_timestamp") as newest_created
from "airport_place_history"
union all
select 'airport_weather' as "view", count(*) as "rows", count(distinct row("airport")) as entities,
  max("event_timestamp") as newest_event, max("created_timestamp") as newest_created
from "airport_weather_history"
union all
select 'carrier_arrivals' as "view", count(*) as "rows", count(distinct row("carrier")) as entities,
  max("event_timestamp") as newest_event, max("created_timestamp") as newest_created
from "carrier_arrivals_history"
union all
select 'carrier_day' as "view", count(*) as "rows", count(distinct row("carrier")) as entities,
  max("event_timestamp") as newest_event, max("created_timestamp") as newest_created
from "carrier_day_history"
union all
select 'route_arrivals' as "view", count(*) as "rows", count(distinct row("dest", "origin")) as entities,
  max("event_timestamp") as newest_event, max("created_timestamp") as newest_created
from "route_arrivals_history"
union all
select 'route_day' as "view", count(*) as "rows", count(distinct row("dest", "origin")) as entities,
  max("event_timestamp") as newest_event, max("created_timestamp") as newest_created
from "route_day_history"
order by newest_event

-- route_day: nulls: How many values of each feature of route_day are null, the emptiest first
select feature, nulls, "rows", cast(nulls as double) / "rows" as null_share
from (
  select count(*) as "rows", array[count_if("departures" is null), count_if("max_dep_delay" is null), count_if("mean_dep_delay" is null)] as counts
  from "route_day_history"
) c
cross join unnest(array['departures', 'max_dep_delay', 'mean_dep_delay'], counts) as f (feature, nulls)
where "rows" > 0
order by null_share desc, feature

-- route_day: days: Rows and entities of route_day for each day (UTC), the newest first
select cast("event_timestamp" as date) as "day", count(*) as "rows", count(distinct row("dest", "origin")) as entities
from "route_day_history"
group by 1
order by 1 desc
limit 100

-- route_day: one entity: All that route_day knew of one entity, the newest first
-- Shows the entity whose row is newest; put the keys of another in place of "one".
with one as (
  select "dest", "origin" from "route_day" order by "event_timestamp" desc limit 1
)
select h.*
from "route_day_history" h join one on h."dest" = one."dest" and h."origin" = one."origin"
order by h."event_timestamp" desc, h."created_timestamp" desc
limit 100

-- route_day: corrections: What was said more than once of route_day: an entity and instant that have several rows
select "dest", "origin", "event_timestamp", count(*) as "rows", min("created_timestamp") as first_created, max("created_timestamp") as last_created
from "route_day_history"
group by "dest", "origin", "event_timestamp"
having count(*) > 1
order by last_created desc
limit 100
