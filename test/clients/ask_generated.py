"""Asks the client that lies beside as store_client.py, over HTTP and by the table, and prints both answers in JSON."""

import base64
import json
import math
import sys
from datetime import date, datetime, timedelta, timezone

import boto3

sys.path.insert(0, ".")
from store_client import Api, Client, Table  # noqa: E402

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

KEYS = {
    "bytes": base64.b64decode,
    "date": date.fromisoformat,
    "timestamp": lambda micros: EPOCH + timedelta(microseconds=micros),
}


def documented(value):
    """The value in quern's JSON form."""
    if isinstance(value, list):
        return [documented(element) for element in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return value.isoformat() if isinstance(value, date) else value


def shown(feature):
    value = feature.value
    return {
        "status": feature.status,
        "value": documented(value),
        "kind": type(value).__name__,
        "kinds": sorted({type(element).__name__ for element in value}) if isinstance(value, list) else [],
        "event_timestamp": documented(feature.event_timestamp),
    }


job = json.load(sys.stdin)
entities = [
    {name: KEYS.get(job["join_keys"][name], lambda key: key)(key) for name, key in entity.items()}
    for entity in job["entities"]
]
dynamodb = boto3.client(
    "dynamodb",
    endpoint_url=job["endpoint"],
    region_name="local",
    aws_access_key_id="local",
    aws_secret_access_key="local",
)
stores = [Api(job["url"]), Table(dynamodb, job["table"], now=lambda: job["now_ms"] / 1000)]
answers = [getattr(Client(store), job["service"])(entities) for store in stores]
json.dump([[{name: shown(one) for name, one in row.items()} for row in rows] for rows in answers], sys.stdout)
