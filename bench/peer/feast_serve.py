"""Feast's online store for the serving bench: applies the views, fills them through Feast's own write path, and leaves a
repository from which `feast serve` is started.

Takes one argument, JSON; prints one line, JSON: how many rows were written.
"""

import json
import os
import sys
from datetime import timedelta

import pandas as pd
from feast import Entity, FeatureService, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.types import Float64, Int64, String

TYPES = {"float64": Float64, "int64": Int64, "string": String}


def main():
    job = json.loads(sys.argv[1])
    os.makedirs(job["repository"], exist_ok=True)
    # JSON is YAML.
    with open(f"{job['repository']}/feature_store.yaml", "w") as file:
        json.dump(
            {
                "project": job["project"],
                "provider": "local",
                "registry": f"{job['repository']}/registry.db",
                "offline_store": {"type": "duckdb"},
                "online_store": {"type": "dynamodb", "region": "local", "endpoint_url": job["endpoint"]},
                "entity_key_serialization_version": 3,
            },
            file,
        )
    store = FeatureStore(repo_path=job["repository"])
    customer = Entity(name="customer", join_keys=["customer_id"], value_type=ValueType.INT64)
    views = [
        FeatureView(
            name=name,
            entities=[customer],
            ttl=timedelta(days=60),
            source=FileSource(path=f"{job['data']}/{name}.parquet", timestamp_field="event_timestamp"),
            schema=[Field(name="customer_id", dtype=Int64)]
            + [Field(name=feature["name"], dtype=TYPES[feature["type"]]) for feature in features],
        )
        for name, features in job["views"].items()
    ]
    services = [
        FeatureService(name="one", features=views[:1]),
        FeatureService(name="both", features=views),
    ]
    store.apply([customer, *views, *services])
    written = 0
    for name in job["views"]:
        rows = pd.read_parquet(f"{job['data']}/{name}.parquet")
        for start in range(0, len(rows), 10_000):
            store.write_to_online_store(name, df=rows.iloc[start : start + 10_000])
        written += len(rows)
    print(json.dumps({"written": written}))


main()
