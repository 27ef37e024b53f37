"""Asks the client that lies beside as echo_client.py for derived features of request values, and the table, which has none."""

import json
import sys
from datetime import date, datetime

sys.path.insert(0, ".")
from echo_client import Api, Client, Table  # noqa: E402

READ = {
    "of_float32": float,
    "of_float64": float,
    "of_timestamp": lambda text: datetime.fromisoformat(text.replace("Z", "+00:00")),
    "of_date": date.fromisoformat,
}


def read(name, value):
    return value if value is None or name not in READ else READ[name](value)


def documented(value):
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return value


job = json.load(sys.stdin)
entities = [{name: read(name, value) for name, value in row.items()} for row in job["rows"]]
rows = Client(Api(job["url"])).echo(entities)
refused = []
for client, entity in [
    (Client(Table(None, "online")), entities[0]),
    (Client(Api(job["url"])), {**entities[0], "of_int32": "one"}),
    (Client(Api(job["url"])), {"thing": "a"}),
]:
    try:
        client.echo([entity])
    except TypeError as error:
        refused.append(str(error))
answered = [{name: documented(feature.value) for name, feature in row.items()} for row in rows]
json.dump({"answered": answered, "refused": refused}, sys.stdout)
