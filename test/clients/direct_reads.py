"""Reads with the reader of docs/direct-reads.md, which lies beside as reader.py, what is asked for in JSON."""

import base64
import json
import math
import sys

import boto3

sys.path.insert(0, ".")
import reader  # noqa: E402


def key(value, type):
    return base64.b64decode(value) if type == "bytes" else value


def documented(value, type):
    """The value in quern's JSON form."""
    if isinstance(value, list):
        element = type[6:-1] if type.startswith("array<") else "float32"
        return [documented(one, element) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return reader.key_text(value, type) if type in ("bytes", "timestamp") and value is not None else value


job = json.load(sys.stdin)
dynamodb = boto3.client(
    "dynamodb",
    endpoint_url=job["endpoint"],
    region_name="local",
    aws_access_key_id="local",
    aws_secret_access_key="local",
)


def ask(view, keys, now_ms):
    typed = {name: key(keys[name], type) for name, type in view["join_keys"].items()}
    found = reader.read(dynamodb, job["table"], view, typed, list(view["features"]), lambda: now_ms / 1000)
    return found and {name: documented(value, view["features"][name]) for name, value in found.items()}


json.dump([ask(**question) for question in job["questions"]], sys.stdout)
