"""Asks a store with consumers, signed by the program of docs/clients.md (program.py), and prints what comes."""

import json
import os
import sys

sys.path.insert(0, ".")
url, silent = sys.argv[1:]
os.environ |= {"AWS_ACCESS_KEY_ID": "key-scorer", "AWS_SECRET_ACCESS_KEY": "scorer"}
from program import sign  # noqa: E402
from store_client import PLAN, Api, Client, QuernError  # noqa: E402


def error(api, entity):
    try:
        Client(api).approval([entity])
    except QuernError as error:
        return [error.code, error.status, error.request_id is not None, error.retry_after, str(error)]
    except TypeError as error:
        return str(error)


person = {"person": "ann"}
api = Api(url, sign=sign)
[row] = Client(api).approval([person])
print(
    json.dumps(
        {
            "row": {name: [feature.status, feature.value] for name, feature in row.items()},
            "same": api.served_plan() == PLAN,
            "unsigned": error(Api(url), person),
            "forged": error(Api(url, sign=lambda request: {**sign(request), "X-Amz-Date": "20000101T000000Z"}), person),
            "bad key": error(api, {"person": 7}),
            "silent": error(Api(silent, timeout=0.2), person),
            "nobody": error(Api("http://127.0.0.1:1"), person),
        }
    )
)
