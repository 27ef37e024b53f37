"""What feast.test.ts defines in quern, said again in Feast."""

from datetime import timedelta

from feast import Entity, FeatureService, FeatureView, Field, FileSource, ValueType
from feast.types import Array, Bool, Float32, Float64, Int32, Int64, String, UnixTimestamp

driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
origin = Entity(name="origin", join_keys=["origin"], value_type=ValueType.STRING)
dest = Entity(name="dest", join_keys=["dest"], value_type=ValueType.STRING)
rows = FileSource(name="rows", path="rows.parquet", timestamp_field="event_timestamp")

driver_stats = FeatureView(
    name="driver_stats",
    entities=[driver],
    ttl=timedelta(days=1),
    source=rows,
    schema=[
        Field(name="active", dtype=Bool),
        Field(name="name", dtype=String),
        Field(name="rating", dtype=Float64),
        Field(name="scores", dtype=Array(Float32)),
        Field(name="seats", dtype=Int32),
        Field(name="seen", dtype=UnixTimestamp),
        Field(name="tags", dtype=Array(String)),
        Field(name="trips", dtype=Int64),
    ],
)
route_stats = FeatureView(
    name="route_stats",
    entities=[origin, dest],
    ttl=timedelta(0),
    source=rows,
    schema=[Field(name="minutes", dtype=Float64), Field(name="stops", dtype=Array(Int64))],
)
driver_activity = FeatureService(name="driver_activity", features=[driver_stats[["name", "trips"]]])
