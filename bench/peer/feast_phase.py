"""One phase of the bench in Feast, in a process of its own.

Takes one argument, JSON; prints one line, JSON: seconds and CPU seconds of the work itself, and the process's peak
memory at its end. Imports, definitions and the tables' creation are outside the clock, as they are for quern.
"""

import json
import resource
import sys
import time
from datetime import datetime, timedelta, timezone

import pandas as pd
import pyarrow.parquet as pq
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.repo_config import RepoConfig
from feast.types import Float64, Int64, String

TYPES = {"float64": Float64, "int64": Int64, "string": String}


def open_store(job):
    """Settings are those that Feast's documentation advises for large tables: newest rows only, written in batches."""
    store = FeatureStore(
        config=RepoConfig(
            project=job["project"],
            provider="local",
            registry=f"{job['scratch']}/{job['project']}.db",
            offline_store={"type": "duckdb"},
            online_store=job["onlineStore"],
            entity_key_serialization_version=3,
            materialization={
                "pull_latest_features": job["pullLatest"],
                "online_write_batch_size": job["writeBatch"],
            },
        )
    )
    customer = Entity(name="customer", join_keys=["customer_id"], value_type=ValueType.INT64)
    views = [
        FeatureView(
            name=name,
            entities=[customer],
            ttl=timedelta(days=job["ttlDays"]),
            source=FileSource(path=f"{job['data']}/{name}.parquet", timestamp_field="event_timestamp"),
            schema=[Field(name="customer_id", dtype=Int64)]
            + [Field(name=feature["name"], dtype=TYPES[feature["type"]]) for feature in features],
        )
        for name, features in job["views"].items()
    ]
    store.apply([customer, *views])
    return store


def references(job, views):
    return [f"{view}:{feature['name']}" for view in views for feature in job["views"][view]]


def training_set(store, job):
    spine = pd.read_parquet(f"{job['data']}/spine.parquet")
    rows = store.get_historical_features(entity_df=spine, features=references(job, job["views"])).to_arrow()
    pq.write_table(rows, job["out"], compression="zstd")
    return rows.num_rows


def materialize(store, job):
    end = datetime.fromtimestamp(job["endMs"] / 1000, tz=timezone.utc)
    store.materialize(end - timedelta(days=365), end, feature_views=[job["view"]])
    return None


def sample(store, job):
    """What the online store answers for the sampled customers, by feature."""
    answer = store.get_online_features(
        features=references(job, [job["view"]]), entity_rows=[{"customer_id": key} for key in job["sample"]]
    )
    return answer.to_dict()


def main():
    job = json.loads(sys.argv[1])
    store = open_store(job)
    work = {"training-set": training_set, "materialize": materialize}[job["phase"]]
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    rows = work(store, job)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    result = {
        "seconds": seconds,
        "cpuSeconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peakBytes": after.ru_maxrss * 1024,
        "rows": rows,
        "sample": sample(store, job) if job["phase"] == "materialize" else None,
    }
    if job["phase"] == "materialize":
        store.teardown()
    print(json.dumps(result))


main()
