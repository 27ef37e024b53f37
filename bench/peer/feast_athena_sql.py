"""Feast's own point-in-time SQL for Athena, rendered by the installed package from its own template; prints it.

Takes one argument, JSON: the views with their features and tables, the spine's table, columns and first and last instant.
No registry is asked: there are no on-demand views.
"""

import json
import sys
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

from feast import Entity, FeatureView, Field, ValueType
from feast.infra.offline_stores import offline_utils
from feast.infra.offline_stores.contrib.athena_offline_store.athena import (
    MULTIPLE_FEATURE_VIEW_POINT_IN_TIME_JOIN,
)
from feast.infra.offline_stores.contrib.athena_offline_store.athena_source import AthenaSource
from feast.types import Float64, Int64, String

TYPES = {"float64": Float64, "int64": Int64, "string": String}


def feature_view(job, name, features, table):
    source = AthenaSource(
        name=f"{name}_source",
        data_source=job["catalog"],
        database=job["database"],
        table=table,
        timestamp_field="event_timestamp",
        created_timestamp_column="created_timestamp" if job["created"] else None,
    )
    return FeatureView(
        name=name,
        entities=[Entity(name="customer", join_keys=["customer_id"], value_type=ValueType.INT64)],
        ttl=timedelta(days=job["ttlDays"]),
        source=source,
        schema=[Field(name="customer_id", dtype=Int64)]
        + [Field(name=feature["name"], dtype=TYPES[feature["type"]]) for feature in features],
    )


def main():
    job = json.loads(sys.argv[1])
    contexts = offline_utils.get_feature_view_query_context(
        [f"{view['name']}:{feature['name']}" for view in job["views"] for feature in view["features"]],
        [feature_view(job, **view) for view in job["views"]],
        SimpleNamespace(list_on_demand_feature_views=lambda *_, **__: []),
        "bench",
        tuple(datetime.fromtimestamp(job[end] / 1000, tz=timezone.utc) for end in ("firstMs", "lastMs")),
    )
    print(
        offline_utils.build_point_in_time_query(
            contexts,
            left_table_query_string=job["spine"],
            entity_df_event_timestamp_col="event_timestamp",
            entity_df_columns=dict.fromkeys(job["spineColumns"]).keys(),
            query_template=MULTIPLE_FEATURE_VIEW_POINT_IN_TIME_JOIN,
        )
    )


main()
